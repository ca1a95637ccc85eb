/* SPDX-License-Identifier: Apache-2.0 */
#include "map_test.h"

static void test_defaults(void)
{
	automapped struct mapped m = mapped("");

	HAS(m, "\"args\":[\"/sbin/init\"],\"env\":[\"container=lxc\"],\"cwd\":\"/\"");
	HAS(m, "\"user\":{\"uid\":0,\"gid\":0,\"additionalGids\":[]}");
	HAS(m, "\"terminal\":true");
	HAS(m, "\"org.hako.signal.halt\":\"auto\"");
	HAS_NOT(m, "noNewPrivileges");
	HAS_NOT(m, "hostname");
	HAS_NOT(m, "personality");
}

static void check_args(const char *cmd, const char *want)
{
	autofree char *text = xasprintf("lxc.init.cmd = %s\n", cmd);
	automapped struct mapped m = mapped(text);

	HAS(m, want);
}

static void test_args(void)
{
	check_args("/sbin/init --a  -b", "\"args\":[\"/sbin/init\",\"--a\",\"-b\"]");
	check_args("/sbin/init \"a b\"", "\"args\":[\"/sbin/init\",\"a b\"]");
	check_args("/bin/sh -c 'echo \"x y\"'",
		   "\"args\":[\"/bin/sh\",\"-c\",\"echo \\\"x y\\\"\"]");
	/* quotes inside a word are literal; an unterminated word is dropped */
	check_args("/bin/x a\"b c\"", "\"args\":[\"/bin/x\",\"a\\\"b\",\"c\\\"\"]");
	check_args("/bin/x 'abc", "\"args\":[\"/bin/x\"]");
	check_args("/bin/x ''", "\"args\":[\"/bin/x\",\"\"]");
	check_args("/bin/x a\\ b", "\"args\":[\"/bin/x\",\"a\\\\\",\"b\"]");
}

static void test_no_command(void)
{
	automapped struct mapped m = mapped("lxc.init.cmd = 'abc\n");

	REFUSED(m, "LXC-E003");
}

static void test_no_path(void)
{
	automapped struct mapped m = mapped("lxc.init.cmd = init\n");
	automapped struct mapped with = mapped_with(ROOT "lxc.init.cmd = init\n", ADD_PATH);

	HAS_CODE(m, "LXC-I504");
	HAS_NOT(m, "PATH=");
	HAS_NO_CODE(with, "LXC-I504");
	HAS(with, "\"env\":[\"PATH=/usr/local/sbin:");
}

static void test_user(void)
{
	automapped struct mapped m = mapped("lxc.init.uid = 1000\nlxc.init.gid = 0x64\n"
					    "lxc.init.groups = 4,5\nlxc.init.groups = 6\n"
					    "lxc.init.cwd = work//here/\n");

	HAS(m, "\"user\":{\"uid\":1000,\"gid\":100,\"additionalGids\":[4,5,6]}");
	HAS(m, "\"cwd\":\"/work/here\"");
	T_EQ(verdict(&m, 4), LXC_V_KEPT);
}

static void test_env(void)
{
	automapped struct mapped m = mapped("lxc.environment = A=1\nlxc.environment = B=x=y\n"
					    "lxc.environment.runtime = A=2\n"
					    "lxc.environment = container=docker\n");

	/* setenv: the first place, the last value; nobody overrides container */
	HAS(m, "\"env\":[\"A=2\",\"B=x=y\",\"container=lxc\"]");
	T_EQ(verdict(&m, 2), LXC_V_CHANGED);
	T_EQ(verdict(&m, 3), LXC_V_KEPT);
	T_EQ(verdict(&m, 5), LXC_V_CHANGED);
}

static void test_env_of_hooks(void)
{
	automapped struct mapped m = mapped("lxc.environment.hooks = A=1\n");
	automapped struct mapped hook =
		mapped("lxc.environment.hooks = A=1\nlxc.hook.mount = /x\n");

	T_EQ(verdict(&m, 2), LXC_V_KEPT);
	T_EQ(verdict(&hook, 2), LXC_V_KEPT);
	HAS(hook, "\"A=1\",\"LXC_NAME=c1\"");
	HAS_NOT(hook, "\"A=1\",\"container=lxc\"");
}

static void test_rlimits(void)
{
	automapped struct mapped m = mapped("lxc.prlimit.nofile = 1024:4096\n"
					    "lxc.prlimit.core = unlimited\n"
					    "lxc.prlimit.7 = 512\n");

	HAS(m, "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":512,\"soft\":512},"
	       "{\"type\":\"RLIMIT_CORE\",\"hard\":18446744073709551615,"
	       "\"soft\":18446744073709551615}]");
}

static void test_rlimit_errors(void)
{
	automapped struct mapped unknown = mapped("lxc.prlimit.99 = 1\n");
	automapped struct mapped above = mapped("lxc.prlimit.nofile = 2:1\n");

	HAS_CODE(unknown, "LXC-W210");
	HAS_NOT(unknown, "rlimits");
	T_EQ(verdict(&unknown, 2), LXC_V_DROPPED);
	REFUSED(above, "LXC-E003");
}

static void test_proc(void)
{
	automapped struct mapped m = mapped("lxc.proc.oom_score_adj = -500\n"
					    "lxc.proc.oom_score_adj = 10\n"
					    "lxc.proc.loginuid = 0\n"
					    "lxc.proc.attr.exec = x\n");
	automapped struct mapped up = mapped("lxc.proc...etc.passwd = x\n");
	automapped struct mapped bad = mapped("lxc.proc.oom_score_adj = 1001\n");

	HAS(m, "\"oomScoreAdj\":10");
	T_EQ(verdict(&m, 4), LXC_V_KEPT);
	HAS(m, "\"createRuntime\":[{\"path\":\"/usr/bin/hako\",\"args\":[\"hako\",\"hook\","
	       "\"proc-write\",\"loginuid=0\",\"attr/exec=x\"]}]");
	REFUSED(bad, "LXC-E003");
	REFUSED(up, "LXC-E003");
}

static void test_terminal(void)
{
	automapped struct mapped none = mapped("lxc.console.path = none\n");
	automapped struct mapped path = mapped("lxc.console.path = /dev/tty9\n");

	HAS(none, "\"terminal\":false");
	T_EQ(verdict(&none, 2), LXC_V_KEPT);
	HAS(path, "\"terminal\":true");
	HAS(path, "\"org.hako.console.path\":\"/dev/tty9\"");
	T_EQ(verdict(&path, 2), LXC_V_KEPT);
}

static void test_ttys(void)
{
	automapped struct mapped m = mapped("lxc.tty.max = 4\nlxc.tty.dir = lxc\n");
	automapped struct mapped off = mapped("lxc.tty.max = 4\nlxc.tty.max = 0\nlxc.tty.dir =\n");

	HAS(m, "\"org.hako.tty.max\":\"4\",\"org.hako.tty.dir\":\"lxc\"");
	HAS_NO_CODE(m, "LXC-W270");
	T_EQ(verdict(&m, 2), LXC_V_KEPT);
	HAS_NOT(off, "org.hako.tty");
	HAS_NO_CODE(off, "LXC-W270");
}

static void test_console(void)
{
	automapped struct mapped m = mapped(
		"lxc.console.path = /dev/tty8\nlxc.console.logfile = /var/log/c\n"
		"lxc.console.size = 4KB\nlxc.console.rotate = 1\nlxc.console.buffer.size = auto\n");

	HAS(m, "\"org.hako.console.path\":\"/dev/tty8\"");
	HAS(m, "\"org.hako.console.logfile\":\"/var/log/c\"");
	HAS(m, "\"org.hako.console.size\":\"4096\"");
	HAS(m, "\"org.hako.console.rotate\":\"1\"");
	HAS(m, "\"org.hako.console.buffer\":\"131072\"");
}

static void check_signal(const char *value, const char *want)
{
	autofree char *text = xasprintf("lxc.signal.halt = %s\n", value);
	autofree char *all = xasprintf("\"org.opencontainers.image.stopSignal\":\"%s\"", want);
	automapped struct mapped m = mapped(text);

	HAS(m, all);
}

static void test_signals(void)
{
	automapped struct mapped none = mapped("lxc.signal.halt =\n");

	check_signal("SIGPWR", "SIGPWR");
	check_signal("15", "SIGTERM");
	check_signal("SIGRTMIN+3", "SIGRTMIN+3");
	check_signal("37", "SIGRTMIN+3");
	check_signal("32", "32");
	HAS_NOT(none, "stopSignal");
}

static void test_rest(void)
{
	automapped struct mapped m = mapped("lxc.arch = i686\nlxc.no_new_privs = 1\n"
					    "lxc.keyring.session = 1\n");
	automapped struct mapped off = mapped("lxc.arch = amd64\nlxc.keyring.session = 0\n");

	HAS(m, "\"personality\":{\"domain\":\"LINUX32\"}");
	HAS(m, "\"noNewPrivileges\":true");
	HAS(m, "\"org.hako.keyring\":\"inherit\"");
	HAS(off, "\"personality\":{\"domain\":\"LINUX\"}");
	HAS_NOT(off, "keyring");
}

/* lxc-start and lxc-execute run different commands of one configuration. */
static void test_execute(void)
{
	static const char text[] = ROOT "lxc.init.cmd = /sbin/init\n"
					"lxc.execute.cmd = /bin/app \"a b\" c\n";
	automapped struct mapped start = mapped_with(text, 0), execute = mapped_with(text, EXECUTE);
	automapped struct mapped none = mapped_with(ROOT "lxc.init.cmd = /sbin/init\n", EXECUTE);
	automapped struct mapped strict = mapped_with(text, EXECUTE | STRICT);

	HAS(start, "\"args\":[\"/sbin/init\"]");
	HAS_NOT(start, "org.hako.init");
	T_EQ(verdict(&start, 2), LXC_V_KEPT);
	T_EQ(verdict(&start, 3), LXC_V_KEPT);
	HAS(execute, "\"args\":[\"/bin/app\",\"a b\",\"c\"]");
	HAS(execute, "\"org.hako.init\":\"true\"");
	HAS_CODE(execute, "LXC-W506");
	T_EQ(verdict(&execute, 2), LXC_V_DROPPED);
	T_EQ(verdict(&execute, 3), LXC_V_CHANGED);
	REFUSED(none, "LXC-E003");
	REFUSED(strict, "LXC-E506");
}

int main(void)
{
	static const struct t_test tests[] = {
		T_TEST(test_defaults),	   T_TEST(test_args),	  T_TEST(test_no_command),
		T_TEST(test_no_path),	   T_TEST(test_user),	  T_TEST(test_env),
		T_TEST(test_env_of_hooks), T_TEST(test_rlimits),  T_TEST(test_rlimit_errors),
		T_TEST(test_proc),	   T_TEST(test_terminal), T_TEST(test_ttys),
		T_TEST(test_console),	   T_TEST(test_signals),  T_TEST(test_rest),
		T_TEST(test_execute),
	};

	return t_run(tests, sizeof tests / sizeof tests[0]);
}
