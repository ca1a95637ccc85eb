/* SPDX-License-Identifier: Apache-2.0 */
/* What the codes mean: the catalogue, for `hako lxc explain` and the manual page. */
#include "base/str.h"
#include "lxc/diag.h"

static const struct diag_words catalogue[] = {
	{ "E001", "syntax error",
	  "a line that begins with 'lxc.' needs a '=', and LXC loads a file completely or not at "
	  "all",
	  "write 'lxc.key = value'; 'key: value' is the style of Proxmox" },
	{ "E002", "unknown key", "no version of LXC knows the name, so none starts the container",
	  "hako lxc keys lists all names; mind dots and underscores" },
	{ "W002", "key is known, but this version of the converter does not carry it",
	  "the bundle is made as if the line were not there",
	  "see whether the container needs it; --strict makes it an error" },
	{ "E003", "bad value", "LXC, or the kernel when the container starts, refuses the value",
	  "hako lxc explain KEY says what the values are" },
	{ "E004", "a file that the configuration names cannot be used",
	  "it is missing, too large, outside of --include-root, or includes itself",
	  "mend the path; relative ones start at the configuration's directory or at --cwd" },
	{ "W101", "text that LXC ignores without a word",
	  "lines that do not begin with 'lxc.' in lower case, among them one behind a byte order "
	  "mark, are skipped: a setting that looks to be in force is not",
	  "write '#' before what is a comment; correct what is not" },
	{ "W102", "LXC reads this value in another way than it looks",
	  "it is cut, rounded, replaced by a default, or a word in it has a second meaning",
	  "write the value that you mean; the message says what LXC takes" },
	{ "W103", "line without effect", "another line, or a missing one, makes it void",
	  "remove it, or put it behind the line that erases it" },
	{ "W104", "relative path: LXC starts from the caller's working directory",
	  "so LXC finds another file, or none, when it is started elsewhere. Here it starts at the "
	  "configuration's directory",
	  "write an absolute path, or say --cwd" },
	{ "I105", "the order of the files in an included directory decides",
	  "LXC reads them as the file system lists them, here they are sorted by name, and two of "
	  "them set the same thing",
	  "set it in one of them only" },
	{ "I106", "key name of LXC 2.0 and older",
	  "LXC 3.0 and later refuse the file; it is read here as it was meant",
	  "lxc-update-config rewrites it" },
	{ "W107", "a line of Proxmox without effect here",
	  "Proxmox itself skips a key it does not know; its hook scripts, templates and locks mean "
	  "something to Proxmox alone",
	  "correct a misspelt key; the others need nothing" },
	{ "W108", "a line of Proxmox is carried in another way",
	  "OCI has no such thing, and something close stands for it; the message says what",
	  "see whether the difference matters to the container" },
	{ "W109", "something that Proxmox itself does for the container",
	  "a daemon, the firewall or a start script of Proxmox does it, and none of them is here",
	  "do it on the host by other means; --allow KEY converts without it" },
	{ "W210", "resource limit without a name in the specification",
	  "OCI names limits as RLIMIT_NAME; this number has none", "name a limit that has one" },
	{ "W211", "sysctl that is not namespaced, or that LXC could not have written",
	  "a sysctl outside of the container's namespaces changes the host, and runtimes refuse "
	  "it; "
	  "below proc:mixed LXC finds /proc/sys read-only and does not start",
	  "set it on the host, or take the line out" },
	{ "W212", "core scheduling needs hako",
	  "the cookie is made by hako for an annotation; other runtimes ignore that",
	  "run the bundle with hako, or do without" },
	{ "W220", "namespace.keep would create an unmapped user namespace",
	  "keep means: all others are new, user and time too. Without lxc.idmap nobody has an id "
	  "inside and LXC does not start",
	  "write 'lxc.namespace.keep = user ...', or an id map" },
	{ "W221", "sharing a pid and a user namespace opens the other container",
	  "root of this one may trace and kill the processes of the other, and enter it",
	  "share one of the two, and only between containers that trust each other" },
	{ "W222", "sharing by the name of a container needs hako",
	  "hako looks the container up when this one is made; a bundle for other runtimes needs a "
	  "path",
	  "write the namespace as a path or a pid, or use hako" },
	{ "E230", "id map for users or groups only",
	  "the other kind has no id at all inside: files show as nobody's, and setgid fails",
	  "write both: 'u 0 HOST COUNT' and 'g 0 HOST COUNT'" },
	{ "E240", "no root file system: LXC would use the host's",
	  "without lxc.rootfs.path LXC runs the container on the host's /; or storage is named "
	  "that "
	  "nobody here can find",
	  "set lxc.rootfs.path; --host-root does as LXC does; --volume names a mounted volume" },
	{ "W241", "storage that has to be mounted before the start",
	  "hako mounts it by itself; other runtimes need a directory",
	  "mount it on the path in root.path before each start" },
	{ "W250", "LXC ignores this mount, or it could not work there",
	  "targets count from the root file system; an absolute one that does not contain its path "
	  "is "
	  "skipped with a line in LXC's log, and the data is not there",
	  "write the target without the leading slash" },
	{ "I251", "optional source is missing now",
	  "LXC passes over such a line when the container starts, and so does hako",
	  "nothing, unless the source should be there" },
	{ "W252", "mount option that LXC matches by prefix or inside a word, or forgets on a bind",
	  "so LXC mounts with other options than the line has: read-only by accident, or with suid "
	  "programs and devices that 'nosuid,nodev' was to forbid",
	  "nothing for hako, which does as written (--exact does as LXC); for LXC add 'ro', or "
	  "reword" },
	{ "E253", "mount of type none that is no bind",
	  "type 'none' has no file system of its own, and the kernel refuses it",
	  "add 'bind' or 'rbind', or name the type" },
	{ "E254", "mount target leaves the root file system",
	  "'..' or a link leads to the host: LXC mounts there, where the container does not see it",
	  "name a path inside the container, or the host's source directly" },
	{ "I255", "symbolic link in a mount target",
	  "LXC does not start over it; OCI runtimes follow it inside the root file system",
	  "for LXC, name the path that the link leads to" },
	{ "I256", "mount target that is not there, without create=",
	  "LXC does not start without it; OCI runtimes make it",
	  "for LXC, add create=dir or create=file" },
	{ "W257", "file system that needs a program to be mounted",
	  "mount(8) runs mount.nfs, mount.cifs and the like, which look up names and passwords; "
	  "LXC and "
	  "OCI runtimes ask the kernel directly, and it refuses",
	  "mount it on the host, and write a bind of that directory" },
	{ "W261", "cgroup-full is carried like cgroup",
	  "it shows the host's whole tree, which OCI runtimes never do",
	  "write 'cgroup'; a nested manager gets a tree of its own" },
	{ "E262", "empty shmounts", "LXC takes 'shmounts:' without a path and hangs when it starts",
	  "write shmounts:HOSTDIR, or take it out" },
	{ "W270", "terminals on /dev/ttyN need hako",
	  "OCI has one terminal, the console; gettys on the others end at once and start again",
	  "run it with hako, or disable these gettys inside" },
	{ "I271", "LXC makes no devpts here",
	  "lxc.pty.max is 0, so nothing inside can open a terminal: no sshd logins, no script(1)",
	  "nothing, one is made (not with --exact); for LXC set lxc.pty.max = 1024" },
	{ "I280", "AppArmor profile that is not on this host",
	  "LXC confines by lxc-container-default-cgns or by the profile that is named. Where "
	  "AppArmor is "
	  "off LXC starts the container unconfined; OCI runtimes do not start it",
	  "start it where the profile is loaded; 'unconfined' or 'unchanged' asks for none" },
	{ "W281", "generated AppArmor profile",
	  "the bundle has a profile that a hook loads; this host has no AppArmor, and gets none as "
	  "with LXC, or it has no apparmor_parser, and the container does not start",
	  "--apparmor writes it for another host; install the package apparmor" },
	{ "I282", "AppArmor lines without a generated profile",
	  "LXC adds lxc.apparmor.raw to a generated profile only; here it has no effect",
	  "set lxc.apparmor.profile = generated, or remove the lines" },
	{ "I283", "seccomp filters always stack",
	  "where LXC itself runs under a filter it loads no second one; OCI runtimes do",
	  "nothing: it is stricter" },
	{ "W284", "seccomp notify proxy is not asked",
	  "LXC's monitor relays each notification to a proxy over a protocol of its own; an OCI "
	  "runtime hands the descriptor to a listener that runs already when the container is made",
	  "run a listener and name it in linux.seccomp.listenerPath, or write rules without "
	  "'notify'" },
	{ "W285", "label of the keyring needs hako",
	  "OCI has no field for the label of the session keyring", "run the bundle with hako" },
	{ "I301", "state of the loopback interface",
	  "LXC leaves it down unless an interface has flags = up; OCI runtimes bring it up",
	  "nothing: programs expect it up" },
	{ "W310", "inner cgroup needs hako",
	  "hako keeps the limits one level above the container's own root; other runtimes have one "
	  "level, and root inside may change its limits",
	  "run it with hako, or in a user namespace" },
	{ "W320", "cgroup v1 lines are ignored on cgroup2",
	  "LXC on a host with cgroup2 alone does not apply the limit, LXC 7 refuses the file",
	  "write the lxc.cgroup2 line; without --exact such lines are converted" },
	{ "W321", "no cgroup2 equivalent",
	  "the file of cgroup v1 has none on cgroup2: the limit or setting is lost there",
	  "remove the line; for memory.swappiness and real-time there is nothing to write "
	  "instead" },
	{ "E330", "device rule that LXC refuses and skips",
	  "it logs an error and starts the container without the rule: a skipped deny leaves the "
	  "device open",
	  "one blank between fields: 'c 1:3 rwm'; a path only in devices.allow" },
	{ "W330", "device rule that LXC skips, or that stops it",
	  "the rule is refused, or the kernel refuses the program LXC makes of it",
	  "write plain rules: 'a' alone, or 'c MAJOR:MINOR rwm'" },
	{ "W331", "no device restriction at all",
	  "a privileged container can make and open every disk of the host",
	  "include LXC's common.conf, or write devices.deny = a and the devices it needs" },
	{ "W332", "an empty device list restricts nothing in LXC",
	  "'deny = a' empties the list, and for an empty list LXC attaches no program: everything "
	  "is "
	  "allowed, against the manual",
	  "add the devices.allow lines it needs behind it; then the rest is denied" },
	{ "I333", "device path resolved now",
	  "the numbers are those of this host at this moment; some change when it boots",
	  "--late-devices looks them up when the container is made" },
	{ "I334", "some runtimes merge rules of the same device",
	  "LXC refuses O_RDWR where r and w are allowed by two rules; runc allows it",
	  "write one rule 'rw' if both are meant" },
	{ "I335", "partial deny is closed",
	  "LXC denies a request only if the rule has all of its letters, so 'deny w' lets O_RDWR "
	  "pass; here it does not",
	  "nothing; --exact leaves the hole as LXC has it" },
	{ "W336", "other runtimes always allow default devices",
	  "runc and crun add null, zero, tun, terminals and making of all nodes to every list",
	  "run it with hako, which adds nothing to this one" },
	{ "I337", "v1 and v2 device lines differ; v2 counts",
	  "a device that only the lxc.cgroup lines allow is closed on cgroup2",
	  "add it as lxc.cgroup2.devices.allow if the container needs it" },
	{ "W338", "device line that LXC itself does not enforce",
	  "on cgroup2 LXC does not subtract: a later line that only overlaps an earlier one is "
	  "stored "
	  "and never used. Here the later line wins",
	  "nothing; --exact ignores it as LXC does" },
	{ "W401", "capability number without a name in the specification",
	  "OCI lists capabilities by name, and this number has none yet: it is not kept",
	  "do without it" },
	{ "I402", "dropped capability number without a name",
	  "what has no name is not granted, so it is dropped anyway", "nothing" },
	{ "E403", "cap.drop together with cap.keep",
	  "LXC takes one list or the other, and refuses the file",
	  "clear the first with an empty lxc.cap.drop or lxc.cap.keep" },
	{ "I404", "capabilities that defeat confinement are kept",
	  "each of them lets root of a privileged container out, or change the host",
	  "drop those it does not need, or give it an id map" },
	{ "I405", "no id map: root inside is root outside",
	  "LXC does not call a privileged container a security boundary; whoever breaks out is "
	  "root",
	  "write lxc.idmap lines, or convert with --idmap auto" },
	{ "W503", "autodev off: device nodes come from the root file system",
	  "LXC then uses the container's own /dev and writes links and mount points into it",
	  "set lxc.autodev = 1 unless the image brings its nodes; empty means 0" },
	{ "I504", "no PATH and a bare command name",
	  "LXC sets no PATH, so the runtime's default decides which program is found",
	  "write the whole path in lxc.init.cmd, or convert with --add-path" },
	{ "W505", "owner of the root file system does not fit the id map",
	  "root inside would not own its own files, and most programs fail",
	  "do what the message says: an idmapped mount, or a chown of the tree" },
	{ "W506", "a command without LXC's init",
	  "lxc-execute puts a small init before the command; here the command is process 1, which "
	  "has to reap, and gets no signal that it does not handle",
	  "run a command that can be an init, or an init in the image that runs it" },
	{ "W601", "system call number without a name",
	  "OCI filters by name; a number that this machine has no name for cannot be written",
	  "use a profile of version 2, with names" },
	{ "E602", "seccomp profile line that LXC refuses",
	  "LXC does not start with it, and a filter with a rule less is not what was asked for",
	  "NAME [errno N|kill|trap|allow|notify] [ARGUMENT], single blanks, the action right "
	  "behind "
	  "the name" },
	{ "W603", "seccomp profile line that LXC takes as an unknown name",
	  "only a blank separates: a tab or carriage return belongs to the name, no such call "
	  "exists, "
	  "and the rule is skipped",
	  "put single blanks between the words" },
	{ "I604", "unknown system call",
	  "this libseccomp does not know the name; LXC and OCI runtimes skip the rule",
	  "nothing, unless it is misspelt" },
	{ "I605", "architecture sections do not narrow rules",
	  "LXC adds the rules below [x86] to every architecture of the machine, and so does the "
	  "result",
	  "write one list below [all]" },
	{ "W606", "system call listed twice with different actions",
	  "the first one is in force in LXC, and here", "keep the one that is meant" },
	{ "I607", "filter is loaded at another moment",
	  "a hook inside the container may run before or after it, and calls it makes fail or not",
	  "see that start hooks need no blocked call" },
	{ "W608", "seccomp profile with CR LF",
	  "LXC skips rules without an action and refuses sections in such a file; it is read here "
	  "as if "
	  "lines ended in LF",
	  "convert the file with dos2unix" },
	{ "I609", "rule equal to the default action",
	  "libseccomp refuses it and LXC does not start; it is left out here", "remove the rule" },
	{ "E610", "notify without a listener",
	  "nobody answers, so whoever makes the call waits for ever",
	  "name a listener, or give the rule another action" },
	{ "W701", "pre-start hook runs later",
	  "OCI has no moment before the namespaces; it becomes the first createRuntime hook, when "
	  "the "
	  "root file system must be there already",
	  "mount what it mounts before the start, or run it with hako" },
	{ "W702", "pre-mount hook needs hako",
	  "OCI has no moment inside the mount namespace before the root file system",
	  "run it with hako, or mount before the start" },
	{ "I703", "start-host hook runs at another moment",
	  "LXC runs it last, just before init; as a createRuntime hook it comes before pivot_root",
	  "nothing, unless it looks at processes or mounts of the container" },
	{ "W704", "stop hook lacks the namespace arguments",
	  "the namespaces of the container are gone when a poststop hook runs",
	  "let it work without them" },
	{ "W705", "start hook that LXC cannot run",
	  "LXC looks for the whole value of the first start hook as one file, and needs /bin/sh "
	  "inside",
	  "for LXC, put the command into a script" },
};

const struct diag_words *diag_words(size_t i)
{
	return i < ARRAY_SIZE(catalogue) ? &catalogue[i] : NULL;
}

const struct diag_words *diag_explain(const char *code)
{
	const char *number = str_after(code, "LXC-");
	const struct diag_words *fallback = NULL;

	if (!number || !*number)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(catalogue); i++) {
		if (str_eq(catalogue[i].number, number))
			return &catalogue[i];
		if (str_eq(catalogue[i].number + 1, number + 1))
			fallback = &catalogue[i];
	}
	return fallback;
}
