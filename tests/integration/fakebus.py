#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A systemd that misbehaves as asked for, on a bus of its own.

    fakebus.py SOCKET CGROUP [METHOD=BEHAVIOUR]...

Speaks just enough D-Bus to be asked by a runtime for transient scopes. Their cgroups are made below
CGROUP of the cgroup2 hierarchy, and their processes really moved there. A METHOD may be Hello, Get,
AddMatch, GetUnit, StartTransientUnit, StopUnit, SetUnitProperties, ResetFailedUnit; a BEHAVIOUR:

    mute		no answer
    late:SECONDS	the right one, later
    close		the connection ends instead
    garbage		bytes that are no message
    error:NAME	an error of systemd's
    error-once:NAME	the same, for the first call only
    job:RESULT	a job that ends so, where there is a job
    job-mute	a job that does not end
"""

import os
import signal
import socket
import struct
import sys
import threading
import time

CALL, REPLY, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = range(1, 9)
SYSTEMD = 'org.freedesktop.systemd1'
JOB = '/org/freedesktop/systemd1/job/1'
ALIGN = {'y': 1, 'g': 1, 'v': 1, 'n': 2, 'q': 2, 'b': 4, 'i': 4, 'u': 4, 's': 4, 'o': 4, 'a': 4,
     'h': 4, 'x': 8, 't': 8, 'd': 8, '(': 8, '{': 8}
NUMBER = {'y': 'B', 'n': 'h', 'q': 'H', 'b': 'I', 'i': 'i', 'u': 'I', 'x': 'q', 't': 'Q', 'd': 'd',
      'h': 'I'}


def one_type(sig):
    """Length of the first complete type."""
    if sig[0] == 'a':
        return 1 + one_type(sig[1:])
    if sig[0] not in '({':
        return 1
    depth = 0
    for n, c in enumerate(sig, 1):
        depth += (c in '({') - (c in ')}')
        if depth == 0:
            return n
    raise ValueError(sig)


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def align(self, n):
        self.at += -self.at % n

    def values(self, sig):
        out = []
        while sig:
            n = one_type(sig)
            out.append(self.value(sig[:n]))
            sig = sig[n:]
        return out

    def take(self, n):
        self.at += n
        return self.data[self.at - n:self.at]

    def value(self, sig):
        c = sig[0]
        self.align(ALIGN[c])
        if c in NUMBER:
            fmt = '<' + NUMBER[c]
            return struct.unpack(fmt, self.take(struct.calcsize(fmt)))[0]
        if c in 'so':
            text = self.take(self.value('u')).decode()
            self.at += 1
            return text
        if c == 'g':
            text = self.take(self.value('y')).decode()
            self.at += 1
            return text
        if c == 'v':
            return self.value(self.value('g'))
        if c == 'a':
            end = self.value('u')
            self.align(ALIGN[sig[1]])
            end += self.at
            out = []
            while self.at < end:
                out.append(self.value(sig[1:]))
            return out
        return self.values(sig[1:-1])


def text(value):
    data = value.encode()
    return struct.pack('<I', len(data)) + data + b'\0'


def pad(data, n):
    return data + bytes(-len(data) % n)


def message(kind, serial, fields, sig='', body=b''):
    head = b''
    if sig:
        fields = fields + [(SIGNATURE, 'g', sig)]
    for code, t, value in fields:
        head = pad(head, 8) + bytes([code, 1, ord(t), 0])
        if t == 'u':
            head += struct.pack('<I', value)
        elif t == 'g':
            head += bytes([len(value)]) + value.encode() + b'\0'
        else:
            head += text(value)
    start = struct.pack('<BBBBIII', ord('l'), kind, 1, 1, len(body), serial, len(head))
    return pad(start + head, 8) + body


class Broken(Exception):
    pass


class Client:
    def __init__(self, sock, systemd):
        self.sock, self.systemd, self.serial, self.input = sock, systemd, 0, b''
        self.lock = threading.Lock()

    def fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Broken()
        self.input += data

    def line(self):
        while b'\r\n' not in self.input:
            self.fill()
        line, self.input = self.input.split(b'\r\n', 1)
        return line.lstrip(b'\0').decode()

    def greet(self):
        while True:
            line = self.line()
            if line == 'AUTH EXTERNAL':
                self.sock.sendall(b'DATA\r\n')
            elif line.startswith('AUTH EXTERNAL') or line.startswith('DATA'):
                self.sock.sendall(b'OK 0123456789abcdef0123456789abcdef\r\n')
            elif line == 'NEGOTIATE_UNIX_FD':
                self.sock.sendall(b'AGREE_UNIX_FD\r\n')
            elif line == 'BEGIN':
                return

    def receive(self):
        while len(self.input) < 16:
            self.fill()
        body_len, serial, fields_len = struct.unpack('<III', self.input[4:16])
        head_len = 16 + fields_len + -fields_len % 8
        while len(self.input) < head_len + body_len:
            self.fill()
        reader = Reader(self.input[:head_len])
        reader.at = 12
        fields = dict(reader.value('a(yv)'))
        body = Reader(self.input[head_len:head_len + body_len])
        self.input = self.input[head_len + body_len:]
        args = body.values(fields.get(SIGNATURE, ''))
        return fields.get(MEMBER), serial, args

    def send(self, kind, fields, sig='', body=b''):
        with self.lock:
            self.serial += 1
            self.sock.sendall(message(kind, self.serial, fields + [
                (SENDER, 's', SYSTEMD), (DESTINATION, 's', ':1.1')], sig, body))

    def reply(self, to, sig='', body=b''):
        self.send(REPLY, [(REPLY_SERIAL, 'u', to)], sig, body)

    def fail(self, to, name):
        self.send(ERROR, [(REPLY_SERIAL, 'u', to), (ERROR_NAME, 's', name)], 's',
              text('told to fail'))

    def job_removed(self, unit, result):
        body = struct.pack('<I', 1) + text(JOB)
        body = pad(body, 4) + text(unit)
        body = pad(body, 4) + text(result)
        self.send(SIGNAL, [(PATH, 'o', '/org/freedesktop/systemd1'),
                   (INTERFACE, 's', SYSTEMD + '.Manager'),
                   (MEMBER, 's', 'JobRemoved')], 'uoss', body)

    def serve(self):
        try:
            self.greet()
            while True:
                self.systemd.answer(self, *self.receive())
        except (Broken, OSError):
            self.sock.close()


class Systemd:
    def __init__(self, cgroup, behaviours):
        self.cgroup, self.behaviours = cgroup, dict(behaviours)
        for root in '/sys/fs/cgroup/unified', '/sys/fs/cgroup':
            if os.path.exists(root + '/cgroup.controllers'):
                self.root = root + cgroup
                break
        self.units = {}

    def answer(self, client, method, serial, args):
        how = self.behaviours.get(method, '')
        word, _, arg = how.partition(':')
        if word == 'mute':
            return
        if word == 'close':
            raise Broken()
        if word == 'garbage':
            client.sock.sendall(b'\xff' * 64)
            return
        if word == 'late':
            time.sleep(float(arg))
        if word in ('error', 'error-once'):
            if word == 'error-once':
                del self.behaviours[method]
            client.fail(serial, SYSTEMD + '.' + arg)
            return
        print(method, *[a for a in args if isinstance(a, str)], flush=True)
        getattr(self, method)(client, serial, args)
        if method in ('StartTransientUnit', 'StopUnit') and word != 'job-mute':
            client.job_removed(args[0], arg if word == 'job' else 'done')

    def Hello(self, client, serial, args):
        client.reply(serial, 's', text(':1.1'))

    def AddMatch(self, client, serial, args):
        client.reply(serial)

    def Get(self, client, serial, args):
        value = {'ControlGroup': self.cgroup, 'Version': '252.1'}[args[1]]
        client.reply(serial, 'v', pad(b'\1s\0', 4) + text(value))

    def GetUnit(self, client, serial, args):
        if args[0] in self.units:
            client.reply(serial, 'o', text('/unit'))
        else:
            client.fail(serial, SYSTEMD + '.NoSuchUnit')

    def StartTransientUnit(self, client, serial, args):
        properties = dict(args[2])
        path = f'{self.root}/{properties["Slice"]}/{args[0]}'
        os.makedirs(path, exist_ok=True)
        for pid in properties['PIDs']:
            with open(path + '/cgroup.procs', 'w') as f:
                f.write(str(pid))
        self.units[args[0]] = path
        client.reply(serial, 'o', text(JOB))

    def StopUnit(self, client, serial, args):
        path = self.units.pop(args[0])
        if os.path.exists(path):
            with open(path + '/cgroup.procs') as f:
                for pid in f.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        client.reply(serial, 'o', text(JOB))

    def SetUnitProperties(self, client, serial, args):
        for name, value in args[2]:
            print('  ', name, value, flush=True)
        client.reply(serial)

    def ResetFailedUnit(self, client, serial, args):
        client.reply(serial)


def main():
    systemd = Systemd(sys.argv[2], [a.split('=', 1) for a in sys.argv[3:]])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    while True:
        client = Client(listener.accept()[0], systemd)
        threading.Thread(target=client.serve, daemon=True).start()


main()
