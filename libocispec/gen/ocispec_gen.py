#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Schema -> struct header (--types) or descriptor tables (--tables); desc.h is their contract.

The schemas are a subset of JSON Schema: type, properties, required, additionalProperties (a map),
items, minItems, enum, minimum, maximum, $ref ("file.json", "file.json#/$defs/x", "#/$defs/x"),
$defs and $comment. pattern is documentation here: src/spec/validate*.c checks those values by hand,
with better words. Anything else is an error, so that no constraint is written and not enforced.

A struct is named by names.json: "file" for the document, "file#x" for $defs/x, and "file.a.b" for
the object found by way of property b of property a (or in the items of that array, or in the values
of that map).
"""

import argparse
import json
import os
import re
import sys

KNOWN = {"$comment", "$defs", "$ref", "type", "properties", "required", "additionalProperties",
         "items", "minItems", "enum", "minimum", "maximum", "pattern"}
C_KEYWORDS = {"auto", "break", "case", "char", "const", "continue", "default", "do", "double",
              "else", "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long",
              "register", "return", "short", "signed", "sizeof", "static", "struct", "switch",
              "typedef", "union", "unsigned", "void", "volatile", "while", "bool", "extra"}
INT_LIMITS = {"INT32": (-2**31, 2**31 - 1), "UINT32": (0, 2**32 - 1),
              "INT64": (-2**63, 2**63 - 1), "UINT64": (0, 2**64 - 1)}
CONTAINERS = {"ARRAY_STRING", "ARRAY_UINT32", "ARRAY_OBJECT", "MAP_STRING", "MAP_OBJECT"}
MAX_FIELDS = 64  # the parser keeps the fields it has met in a 64-bit set


class SchemaError(Exception):
    pass


def snake(name):
    """camelCase -> snake_case; a run of capitals is one word, but its last may begin the next."""
    s = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    s = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", s).lower()
    s = re.sub(r"[^a-z0-9_]", "_", s)
    return s + "_" if s in C_KEYWORDS else s


class Field:
    def __init__(self, name, kind, required):
        self.name = name
        self.member = snake(name)
        self.kind = kind
        self.required = required
        self.struct = None   # name of the struct for objects
        self.min = 0
        self.max = 0
        self.values = None

    @property
    def aux(self):
        if self.kind == "BOOL" or self.kind in INT_LIMITS:
            return "has_" + self.member
        return self.member + "_len" if self.kind.startswith("ARRAY_") else None

    def members(self):
        m = self.member
        scalar = {"BOOL": "bool", "INT32": "int32_t", "UINT32": "uint32_t", "INT64": "int64_t",
                  "UINT64": "uint64_t"}
        if self.kind in scalar:
            return [f"{scalar[self.kind]} {m};", f"bool has_{m};"]
        return {
            "STRING": [f"char *{m};"],
            "OBJECT": [f"struct {self.struct} *{m};"],
            "ARRAY_STRING": [f"char **{m};", f"size_t {m}_len;"],
            "ARRAY_UINT32": [f"uint32_t *{m};", f"size_t {m}_len;"],
            "ARRAY_OBJECT": [f"struct {self.struct} *{m};", f"size_t {m}_len;"],
            "MAP_STRING": [f"struct oci_map *{m};"],
            "MAP_OBJECT": [f"struct {self.struct}_map *{m};"],
        }[self.kind]


class Struct:
    def __init__(self, name, where):
        self.name = name
        self.where = where
        self.fields = []


class Model:
    """All structs reachable from the documents, in the order they are met."""

    def __init__(self, names):
        self.names = names
        self.files = {}
        self.structs = {}
        self.maps = set()
        self.used_names = set()

    def load(self, path):
        with open(path, encoding="utf-8") as f:
            self.files[os.path.splitext(os.path.basename(path))[0]] = json.load(f)

    def build(self):
        for stem, doc in self.files.items():
            if "type" in doc:
                self.add_struct(doc, stem)
        unused = sorted(set(self.names) - self.used_names)
        if unused:
            raise SchemaError("names.json: no object at " + ", ".join(unused))

    def resolve(self, node, where):
        """Follows $ref; returns the node and its place, which names it."""
        while "$ref" in node:
            if set(node) != {"$ref"}:
                raise SchemaError(f"{where}: $ref does not go with other keys")
            file, _, pointer = node["$ref"].partition("#/$defs/")
            stem = file[:-len(".json")] if file else re.split(r"[.#]", where)[0]
            if stem not in self.files:
                raise SchemaError(f"{where}: no schema '{stem}'")
            where = f"{stem}#{pointer}" if pointer else stem
            node = self.files[stem]["$defs"][pointer] if pointer else self.files[stem]
        unknown = set(node) - KNOWN
        if unknown:
            raise SchemaError(f"{where}: unknown keys {sorted(unknown)}")
        return node, where

    def add_struct(self, node, where):
        if where not in self.names:
            raise SchemaError(f"names.json has no name for the object at {where}")
        self.used_names.add(where)
        name = self.names[where]
        if name in self.structs:
            if self.structs[name].where != where:
                raise SchemaError(f"{where}: {name} is taken by {self.structs[name].where}")
            return name
        struct = self.structs[name] = Struct(name, where)
        required = set(node.get("required", []))
        for prop, sub in node["properties"].items():
            struct.fields.append(self.make_field(prop, sub, f"{where}.{prop}", prop in required))
        lost = required - set(node["properties"])
        if lost:
            raise SchemaError(f"{where}: required but not described: {sorted(lost)}")
        if len(struct.fields) > MAX_FIELDS:
            raise SchemaError(f"{where}: more than {MAX_FIELDS} fields")
        if len({f.member for f in struct.fields}) != len(struct.fields):
            raise SchemaError(f"{where}: two fields become the same member")
        return name

    def make_field(self, prop, node, where, required):
        node, where = self.resolve(node, where)
        kind = node["type"]
        if kind == "string":
            field = Field(prop, "STRING", required)
            field.values = node.get("enum")
        elif kind == "boolean":
            field = Field(prop, "BOOL", required)
        elif kind == "integer":
            field = Field(prop, self.int_kind(node, where), required)
            field.min, field.max = node["minimum"], node["maximum"]
        elif kind == "array":
            field = self.make_container(prop, node["items"], where, required, "ARRAY_")
            field.max = node.get("minItems", 0)
        elif kind == "object" and "additionalProperties" in node:
            field = self.make_container(prop, node["additionalProperties"], where, required, "MAP_")
            if field.struct:
                self.maps.add(field.struct)
        elif kind == "object":
            field = Field(prop, "OBJECT", required)
            field.struct = self.add_struct(node, where)
        else:
            raise SchemaError(f"{where}: unknown type {kind}")
        return field

    def make_container(self, prop, items, where, required, prefix):
        item = self.make_field(prop, items, where, False)
        field = Field(prop, prefix + item.kind, required)
        if field.kind not in CONTAINERS:
            raise SchemaError(f"{where}: no such container: {field.kind}")
        if item.kind == "UINT32" and (item.min, item.max) != INT_LIMITS["UINT32"]:
            raise SchemaError(f"{where}: limits of items are not supported")
        field.struct, field.values = item.struct, item.values
        return field

    @staticmethod
    def int_kind(node, where):
        low, high = node["minimum"], node["maximum"]
        order = ("INT32", "INT64") if low < 0 else ("UINT32", "UINT64")
        for kind in order:
            if INT_LIMITS[kind][0] <= low and high <= INT_LIMITS[kind][1]:
                return kind
        raise SchemaError(f"{where}: no integer type for {low}..{high}")


def c_number(value, kind):
    """A C constant; the ends of a type by name, since their digits alone have the wrong type."""
    signed = kind == "min"
    for name, (low, high) in INT_LIMITS.items():
        if value == high and value != 0:
            return name + "_MAX"
        if value == low and low != 0:
            return name + "_MIN"
    return str(value) if signed else f"{value}u"


def emit_types(model, out):
    out.append("/* SPDX-License-Identifier: Apache-2.0 */")
    out.append("/* Made from schema/ by ocispec_gen.py. */")
    out.append("#ifndef OCISPEC_OCI_TYPES_H\n#define OCISPEC_OCI_TYPES_H\n")
    for name in model.structs:
        out.append(f"struct {name};")
    for name in sorted(model.maps):
        out.append(f"\nstruct {name}_map {{\n\tsize_t len;\n\tchar **keys;\n"
                   f"\tstruct {name} *values;\n}};")
    for struct in model.structs.values():
        out.append(f"\n/* {struct.where} */\nstruct {struct.name} {{\n\tstruct oci_extra *extra;")
        for field in struct.fields:
            out.extend("\t" + m for m in field.members())
        out.append("};")
    out.append("")
    for name in model.structs:
        out.append(f"extern const struct oci_desc {name}_desc;\nOCI_DEFINE_WRAPPERS({name})")
    out.append("\n#endif")


def emit_values(model, out):
    """Lists of allowed values, each once; returns their C names by content."""
    names = {}
    for struct in model.structs.values():
        for field in struct.fields:
            key = tuple(field.values or ())
            if not key or key in names:
                continue
            names[key] = f"{struct.name}_{field.member}_values"
            out.append(f"static const char *const {names[key]}[] = {{")
            out.extend(f"\t{json.dumps(v)}," for v in key)
            out.append("\tNULL,\n};\n")
    return names


def emit_tables(model, out):
    out.append("/* SPDX-License-Identifier: Apache-2.0 */")
    out.append("/* Made from schema/ by ocispec_gen.py. */")
    out.append('#include "ocispec.h"\n')
    values = emit_values(model, out)
    for struct in model.structs.values():
        rows = sorted(struct.fields, key=lambda f: f.name.encode())
        out.append(f"#define AT(member) offsetof(struct {struct.name}, member)")
        out.append(f"static const struct oci_field {struct.name}_fields[] = {{")
        for f in rows:
            cells = [json.dumps(f.name), "OCI_" + f.kind, "OCI_REQUIRED" if f.required else "0",
                     f"AT({f.member})", f"AT({f.aux})" if f.aux else "0",
                     f"&{f.struct}_desc" if f.struct else "NULL",
                     c_number(f.min, "min"), c_number(f.max, "max"),
                     values[tuple(f.values)] if f.values else "NULL"]
            out.append("\t{ " + ", ".join(cells) + " },")
        order = ", ".join(str(rows.index(f)) for f in struct.fields)
        out.append(f"}};\n#undef AT\nstatic const uint8_t {struct.name}_order[] = {{ {order} }};")
        out.append(f"const struct oci_desc {struct.name}_desc = {{\n"
                   f'\t"{struct.name}", sizeof(struct {struct.name}), {len(rows)}, '
                   f"{struct.name}_fields, {struct.name}_order,\n}};\n")
    out.append("const struct oci_desc *const oci_all_descs[] = {")
    out.extend(f"\t&{name}_desc," for name in model.structs)
    out.append("\tNULL,\n};")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", required=True)
    parser.add_argument("--types", action="store_true")
    parser.add_argument("--tables", action="store_true")
    parser.add_argument("--output", required=True)
    parser.add_argument("schema", nargs="+")
    args = parser.parse_args()
    out = []
    try:
        with open(args.names, encoding="utf-8") as f:
            model = Model(json.load(f))
        for path in args.schema:
            model.load(path)
        model.build()
        if args.types:
            emit_types(model, out)
        if args.tables:
            emit_tables(model, out)
    except (SchemaError, KeyError, ValueError) as e:
        sys.exit(f"ocispec_gen.py: {e}")
    # Whole or not at all: a cut file would look up to date to make.
    with open(args.output + ".tmp", "w", encoding="utf-8") as f:
        f.write("\n".join(out) + "\n")
    os.replace(args.output + ".tmp", args.output)


main()
