#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.sysctl: written when they belong to a namespace of the container, else refused.

load helpers
setup() { bundle_new; }
teardown() { clean_up; }

@test "network and ipc settings are the container's own" {
	before=$(cat /proc/sys/net/ipv4/ping_group_range /proc/sys/kernel/msgmax)
	config '.linux.sysctl = {"net.ipv4.ping_group_range": "5 7", "kernel.msgmax": "4096",
		"net/ipv4/ip_forward": "1",
		"fs.mqueue.msg_max": "20"}'
	run hako_run sysctl net.ipv4.ping_group_range kernel.msgmax net.ipv4.ip_forward \
		fs.mqueue.msg_max
	succeeds
	is_output $'5\t7\n4096\n1\n20'
	[ "$(cat /proc/sys/net/ipv4/ping_group_range /proc/sys/kernel/msgmax)" = "$before" ]
	nothing_left
}

@test "a setting of the host is refused by name" {
	for name in vm.swappiness kernel.core_pattern kernel.sysrq fs.file-max; do
		before=$(cat "/proc/sys/${name/.//}" 2>/dev/null || true)
		config '.linux.sysctl = {($n): "1"}' --arg n "$name"
		run hako_run true
		fails
		says "$name"
		[ "$(cat "/proc/sys/${name/.//}" 2>/dev/null || true)" = "$before" ]
	done
	nothing_left
}

@test "a setting whose namespace is the host's is refused" {
	config 'del(.linux.namespaces[] | select(.type == "network"))
		| .linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	run hako_run true
	fails
	says net.ipv4.ip_forward
	config 'del(.linux.namespaces[] | select(.type == "ipc"))
		| .linux.sysctl = {"kernel.msgmax": "4096"}
		| .mounts |= map(select(.type != "mqueue"))'
	run hako_run true
	fails
	says kernel.msgmax
	nothing_left
}

@test "kernel.hostname is refused; kernel.domainname works" {
	requires hako
	config '.linux.sysctl = {"kernel.hostname": "x"}'
	run hako_run true
	fails
	says kernel.hostname
	config '.linux.sysctl = {"kernel.domainname": "example.net"}'
	run hako_run domainname
	is_output example.net
	config '.domainname = "example.org"'
	run hako_run domainname
	fails
	says domainname
	nothing_left
}

@test "unknown settings and values the kernel refuses" {
	config '.linux.sysctl = {"net.no.such.setting": "1"}'
	run hako_run true
	fails
	says no
	config '.linux.sysctl = {"net.ipv4.ip_forward": "not a number"}'
	run hako_run true
	fails
	says ip_forward
	nothing_left
}

@test "hostile names: .. and /" {
	for name in 'net/../kernel/core_pattern' 'net.ipv4/../../kernel/core_pattern' \
		'kernel/../../foo' '' 'net..x'; do
		config '.linux.sysctl = {($n): "x"}' --arg n "$name"
		run hako_run true
		fails
	done
	says_not "$TESTDIR"
	nothing_left
}
