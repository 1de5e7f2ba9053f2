"""Checks the Swift package where there is no Swift compiler: `check.py GENERATED LIBRARY`.

The sources parse, the C header compiles, its module loads as a phone's compiler would load it, and every function that
it declares is in the library. What only Swift's own compiler can tell, the types, is left to a Mac.
"""

import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile

import tree_sitter_swift
from tree_sitter import Language, Parser

HERE = pathlib.Path(__file__).parent


def parse(path):
    """Stops at the first place that is not Swift. The grammar lacks two forms that the generator writes."""
    text = path.read_text(encoding="utf-8")
    text = text.replace("@_documentation(visibility: private)", "").replace("{ () }", "{ }")
    broken = [Parser(Language(tree_sitter_swift.language())).parse(text.encode()).root_node]
    while broken:
        node = broken.pop()
        if node.is_error or node.is_missing:
            sys.exit(f"{path}:{node.start_point.row + 1}: not Swift, by the grammar")
        broken.extend(child for child in node.children if child.has_error or child.is_missing)


def clang(*arguments):
    subprocess.run(["clang", *map(str, arguments)], check=True)


def main():
    generated, library = map(pathlib.Path, sys.argv[1:])
    header, module_map = generated / "SamlaFFI.h", generated / "SamlaFFI.modulemap"
    sources = [generated / "Samla.swift", HERE / "Package.swift", *HERE.glob("Sources/*/*.swift"), *HERE.glob("Tests/*/*.swift")]
    for source in sources:
        parse(source)

    clang("-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-include", header, "-x", "c", "/dev/null")
    with tempfile.TemporaryDirectory() as folder:
        user = pathlib.Path(folder, "user.c")
        user.write_text("#pragma clang module import SamlaFFI\n", encoding="utf-8")
        modules = ["-fmodules", f"-fmodules-cache-path={folder}/cache", f"-fmodule-map-file={module_map}"]
        clang("-target", "arm64-apple-ios15.0", "-ffreestanding", *modules, "-fsyntax-only", user)

    declared = set(re.findall(r"\b((?:uniffi|ffi)_samla_\w+)\(", header.read_text(encoding="utf-8")))
    found = ctypes.CDLL(str(library.resolve()))
    missing = sorted(name for name in declared if not hasattr(found, name))
    if missing or not declared:
        sys.exit(f"declared but not in the library: {missing or 'nothing is declared'}")
    print(f"{len(sources)} Swift files parse, {len(declared)} functions of the header are in the library")


if __name__ == "__main__":
    main()
