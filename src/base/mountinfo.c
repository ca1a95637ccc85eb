/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mountinfo.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* The next field of a line, cut off in place; NULL when there is none. */
static char *take_field(char **line)
{
	char *field = *line, *end;

	if (!field || !*field)
		return NULL;
	end = strchr(field, ' ');
	if (end)
		*end++ = '\0';
	*line = end;
	return field;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes blank, tab, line feed, backslash and '#' as a backslash and three digits. */
static void decode_octal(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) && is_octal(s[3])) {
			*out++ = (char) ((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

static int parse_device(char *field, struct mountinfo *m)
{
	char *colon = field ? strchr(field, ':') : NULL;

	if (!colon)
		return -EINVAL;
	*colon = '\0';
	if (str_to_u32(field, &m->dev_major) < 0 || str_to_u32(colon + 1, &m->dev_minor) < 0)
		return -EINVAL;
	return 0;
}

/* The optional fields go up to a field "-" and stay one text. */
static int parse_propagation(char **line, struct mountinfo *m)
{
	char *end = *line;

	if (!end)
		return -EINVAL;
	if (strncmp(end, "- ", 2) == 0) {
		*line = end + 2;
		*end = '\0';
		m->propagation = end;
		return 0;
	}
	end = strstr(end, " - ");
	if (!end)
		return -EINVAL;
	m->propagation = *line;
	*end = '\0';
	*line = end + 3;
	return 0;
}

static int parse_line(char *line, struct mountinfo *m)
{
	const char *id = take_field(&line), *parent = take_field(&line);
	char *device = take_field(&line);

	if (!parent || str_to_int(id, &m->id) < 0 || str_to_int(parent, &m->parent) < 0)
		return -EINVAL;
	if (parse_device(device, m) < 0)
		return -EINVAL;
	m->root = take_field(&line);
	m->mountpoint = take_field(&line);
	m->options = take_field(&line);
	if (!m->options || parse_propagation(&line, m) < 0)
		return -EINVAL;
	m->fstype = take_field(&line);
	/* An empty source is two blanks in a row. */
	if (line && *line == ' ') {
		*line = '\0';
		m->source = line++;
	} else {
		m->source = take_field(&line);
	}
	m->super_options = take_field(&line);
	if (!m->source)
		return -EINVAL;
	if (!m->super_options)
		m->super_options = strchr(m->source, '\0');
	decode_octal(m->root);
	decode_octal(m->mountpoint);
	decode_octal(m->fstype);
	decode_octal(m->source);
	return 0;
}

int mountinfo_each(const char *text, int (*fn)(void *arg, const struct mountinfo *m), void *arg)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		autofree char *line = xstrndup(text, n);
		struct mountinfo m;
		int r = parse_line(line, &m);

		if (r == 0)
			r = fn(arg, &m);
		if (r != 0)
			return r;
		text += n + (text[n] == '\n');
	}
	return 0;
}
