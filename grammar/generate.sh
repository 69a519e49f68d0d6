#!/usr/bin/env bash
# Writes the C# lexer and parser into generated/. Needs Node; a build of StreamSQL does not, because the result is checked in.
# ANTLR_NG names an installed antlr-ng; otherwise npx fetches the version that package.json pins.
set -euo pipefail
cd "$(dirname "$0")"
version=$(sed -n 's/.*"antlr-ng": "\(.*\)".*/\1/p' package.json)
antlr=(${ANTLR_NG:-npx --yes "antlr-ng@$version"})
options=(-Dlanguage=CSharp -v false -l false -p StreamSQL.Sql.Parsing.Generated -o generated)
rm -rf generated
"${antlr[@]}" "${options[@]}" StreamSqlLexer.g4
"${antlr[@]}" "${options[@]}" --lib generated StreamSqlParser.g4
rm -f generated/*.interp generated/*.tokens
