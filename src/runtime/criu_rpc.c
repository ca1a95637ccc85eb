/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/criu_rpc.h"

#include <errno.h>

#include "base/alloc.h"

/* Wire types of protocol buffers; groups (3, 4) have never been in these messages. */
enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

/* criu_req */
enum { REQ_TYPE = 1, REQ_OPTS = 2, REQ_NOTIFY_SUCCESS = 3 };
/* criu_resp */
enum {
	RESP_TYPE = 1,
	RESP_SUCCESS = 2,
	RESP_RESTORE = 4,
	RESP_NOTIFY = 5,
	RESP_ERRNO = 7,
	RESP_MESSAGE = 9,
};
/* criu_restore_resp, criu_notify */
enum { RESTORE_PID = 1, NOTIFY_SCRIPT = 1, NOTIFY_PID = 2 };

/* ---- writing ---- */

static void add_varint(struct strbuf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		strbuf_add_c(b, (char) (v | 0x80));
	strbuf_add_c(b, (char) v);
}

static void add_key(struct strbuf *b, unsigned int field, enum wire wire)
{
	add_varint(b, (uint64_t) field << 3 | wire);
}

static void add_varint_field(struct strbuf *b, unsigned int field, uint64_t v)
{
	add_key(b, field, WIRE_VARINT);
	add_varint(b, v);
}

static void add_bytes_field(struct strbuf *b, unsigned int field, const char *s, size_t len)
{
	add_key(b, field, WIRE_BYTES);
	add_varint(b, len);
	strbuf_add_n(b, s, len);
}

void criu_add_number(struct strbuf *opts, enum criu_opt field, uint64_t value)
{
	add_varint_field(opts, field, value);
}

void criu_add_flag(struct strbuf *opts, enum criu_opt field, bool value)
{
	add_varint_field(opts, field, value);
}

void criu_add_text(struct strbuf *opts, enum criu_opt field, const char *value)
{
	if (value)
		add_bytes_field(opts, field, value, strlen(value));
}

static void add_message(struct strbuf *b, unsigned int field, const struct strbuf *message)
{
	add_bytes_field(b, field, strbuf_str(message), message->len);
}

void criu_add_pair(struct strbuf *opts, enum criu_opt field, const char *a, const char *b)
{
	autostrbuf struct strbuf m = STRBUF_INIT;

	add_bytes_field(&m, 1, a, strlen(a));
	add_bytes_field(&m, 2, b, strlen(b));
	add_message(opts, field, &m);
}

void criu_add_numbered(struct strbuf *opts, enum criu_opt field, const char *text, uint64_t n)
{
	autostrbuf struct strbuf m = STRBUF_INIT;

	add_bytes_field(&m, 1, text, strlen(text));
	add_varint_field(&m, 2, n);
	add_message(opts, field, &m);
}

void criu_request(struct strbuf *out, enum criu_type type, const struct strbuf *opts)
{
	add_varint_field(out, REQ_TYPE, type);
	if (opts)
		add_message(out, REQ_OPTS, opts);
}

void criu_notify_answer(struct strbuf *out, bool success)
{
	add_varint_field(out, REQ_TYPE, CRIU_NOTIFY);
	add_varint_field(out, REQ_NOTIFY_SUCCESS, success);
}

/* ---- reading ---- */

struct reader {
	const unsigned char *at, *end;
};

struct field {
	uint64_t number;
	uint64_t value;	     /* WIRE_VARINT, and the fixed ones, whose value is not looked at */
	struct reader bytes; /* WIRE_BYTES, else empty */
};

static int read_varint(struct reader *r, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (r->at == r->end)
			return -EBADMSG;
		v |= (uint64_t) (*r->at & 0x7f) << shift;
		if (!(*r->at++ & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EBADMSG;
}

static int skip(struct reader *r, uint64_t len)
{
	if (len > (uint64_t) (r->end - r->at))
		return -EBADMSG;
	r->at += len;
	return 0;
}

/* 1, 0 at the end, or -EBADMSG. */
static int next_field(struct reader *r, struct field *f)
{
	uint64_t key, len;

	*f = (struct field){ 0 };
	if (r->at == r->end)
		return 0;
	if (read_varint(r, &key) < 0)
		return -EBADMSG;
	f->number = key >> 3;
	switch (key & 7) {
	case WIRE_VARINT:
		return read_varint(r, &f->value) < 0 ? -EBADMSG : 1;
	case WIRE_64:
		return skip(r, 8) < 0 ? -EBADMSG : 1;
	case WIRE_32:
		return skip(r, 4) < 0 ? -EBADMSG : 1;
	case WIRE_BYTES:
		if (read_varint(r, &len) < 0)
			return -EBADMSG;
		f->bytes.at = r->at;
		if (skip(r, len) < 0)
			return -EBADMSG;
		f->bytes.end = r->at;
		return 1;
	default:
		return -EBADMSG;
	}
}

static char *text_of(const struct field *f)
{
	return f->bytes.at
		       ? xstrndup((const char *) f->bytes.at, (size_t) (f->bytes.end - f->bytes.at))
		       : NULL;
}

static int parse_notify(struct reader r, struct criu_response *ret)
{
	struct field f;
	int n;

	while ((n = next_field(&r, &f)) > 0) {
		if (f.number == NOTIFY_SCRIPT) {
			free(ret->script);
			ret->script = text_of(&f);
		} else if (f.number == NOTIFY_PID) {
			ret->notify_pid = (int64_t) f.value;
		}
	}
	return n;
}

static int parse_restore(struct reader r, struct criu_response *ret)
{
	struct field f;
	int n;

	while ((n = next_field(&r, &f)) > 0) {
		if (f.number == RESTORE_PID)
			ret->restored_pid = (int64_t) f.value;
	}
	return n;
}

static int store(const struct field *f, struct criu_response *ret)
{
	switch (f->number) {
	case RESP_TYPE:
		ret->type = f->value;
		return 0;
	case RESP_SUCCESS:
		ret->success = f->value != 0;
		return 0;
	case RESP_RESTORE:
		return parse_restore(f->bytes, ret);
	case RESP_NOTIFY:
		return parse_notify(f->bytes, ret);
	case RESP_ERRNO:
		ret->error = (int64_t) f->value;
		return 0;
	case RESP_MESSAGE:
		free(ret->message);
		ret->message = text_of(f);
		return 0;
	default:
		return 0;
	}
}

int criu_response_parse(const void *data, size_t len, struct criu_response *ret)
{
	const unsigned char *p = data;
	struct reader r = { p, p + len };
	bool typed = false;
	struct field f;
	int n;

	*ret = (struct criu_response){ 0 };
	while ((n = next_field(&r, &f)) > 0) {
		typed = typed || f.number == RESP_TYPE;
		n = store(&f, ret);
		if (n < 0)
			break;
	}
	if (n >= 0 && typed)
		return 0;
	criu_response_clear(ret);
	return -EBADMSG;
}

void criu_response_clear(struct criu_response *r)
{
	free(r->script);
	free(r->message);
	*r = (struct criu_response){ 0 };
}
