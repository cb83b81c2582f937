"""A parse tree says what it asks for: the operations of a statement, each with its own text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from bot.model.migration import Command
from bot.model.source import Span
from bot.postgres import operations as op
from bot.postgres.names import QualifiedName
from bot.sql.tokens import significant, split_at_commas
from bot.sql.tree import Tree, ast, enums

# What may follow a table's first name: .name or UESCAPE 'x', then ) or *.
_WITH_ANOTHER = ("ASCII_46", "UESCAPE")
_ALONE = ("ASCII_41", "ASCII_42")

_KEYS = {
    enums.ConstrType.CONSTR_UNIQUE: "UNIQUE",
    enums.ConstrType.CONSTR_PRIMARY: "PRIMARY KEY",
    enums.ConstrType.CONSTR_EXCLUSION: "EXCLUDE",
}


def commands(node: Tree, origin: int, span: Span, text: str) -> tuple[Command, ...]:
    """The operations that the statement `node`, whose text lies at `span`, asks for.

    `origin` is the offset from which the tree counts its locations.
    """
    if isinstance(node, ast.AlterTableStmt) and node.objtype == enums.ObjectType.OBJECT_TABLE:
        places = _command_spans(origin + node.relation.location, span, text)
        asked = [_alter_table(node, command) for command in node.cmds]
        return tuple(Command(what, place) for what, place in zip(asked, places, strict=True))
    return tuple(Command(what, span) for what in _statement(node))


def _statement(node: Tree) -> Iterator[op.Operation]:
    match node:
        case ast.CreateStmt():
            yield _create_table(node)
        case ast.CreateTableAsStmt(into=into, if_not_exists=if_not_exists):
            if node.objtype == enums.ObjectType.OBJECT_TABLE:
                yield op.CreateTable(_relation(into.rel), bool(if_not_exists), filled=True)
        case ast.SelectStmt(intoClause=ast.IntoClause(rel=rel)):
            yield op.CreateTable(_relation(rel), filled=True)
        case ast.DropStmt(removeType=enums.ObjectType.OBJECT_TABLE, objects=names):
            yield from (op.DropTable(_qualified(name)) for name in names)
        case ast.RenameStmt():
            yield _rename(node)
        case ast.AlterObjectSchemaStmt(objectType=enums.ObjectType.OBJECT_TABLE):
            table, if_exists = _relation(node.relation), bool(node.missing_ok)
            yield op.RenameTable(table, schema=node.newschema, if_exists=if_exists)
        case ast.IndexStmt(relation=relation, concurrent=concurrent):
            yield op.CreateIndex(_relation(relation), bool(concurrent))
        case ast.InsertStmt(relation=relation) | ast.MergeStmt(relation=relation):
            yield op.Write(_relation(relation), fills=True)
        case ast.UpdateStmt(relation=relation, whereClause=where, fromClause=others):
            yield op.Write(_relation(relation), scans=where is None and others is None)
        case ast.DeleteStmt(relation=relation, whereClause=where, usingClause=others):
            yield op.Write(_relation(relation), scans=where is None and others is None)
        case ast.CopyStmt(relation=ast.RangeVar() as relation, is_from=True):
            yield op.Write(_relation(relation), fills=True)
        case ast.LockStmt(relations=relations, mode=mode):
            yield from (op.LockTable(_relation(relation), mode) for relation in relations)
        case ast.VariableSetStmt(name="search_path"):
            yield _search_path(node)
        case ast.TransactionStmt():
            yield _transaction(node)
        case _:
            yield op.Operation()


def _rename(node: Tree) -> op.Operation:
    kinds = enums.ObjectType
    match node.renameType, node.relationType:
        case kinds.OBJECT_TABLE, _:
            table = _relation(node.relation)
            return op.RenameTable(table, node.newname, if_exists=bool(node.missing_ok))
        case kinds.OBJECT_TABCONSTRAINT, _:
            return op.RenameConstraint(_relation(node.relation), node.subname, node.newname)
        case kinds.OBJECT_COLUMN, kinds.OBJECT_TABLE:
            table = _relation(node.relation)
            return op.AlterTable(table, "RenameColumn", if_exists=bool(node.missing_ok))
        case _:
            return op.Operation()


def _transaction(node: Tree) -> op.Operation:
    kinds = enums.TransactionStmtKind
    match node.kind:
        case kinds.TRANS_STMT_BEGIN | kinds.TRANS_STMT_START:
            return op.Begin()
        case kinds.TRANS_STMT_COMMIT:
            return op.Commit(bool(node.chain))
        case kinds.TRANS_STMT_ROLLBACK:
            return op.Rollback(bool(node.chain))
        case kinds.TRANS_STMT_SAVEPOINT:
            return op.Savepoint(node.savepoint_name)
        case kinds.TRANS_STMT_ROLLBACK_TO:
            return op.RollbackTo(node.savepoint_name)
        case _:
            return op.Operation()


def _search_path(node: Tree) -> op.SetSearchPath:
    """The schemas as written; RESET and SET … TO DEFAULT return to "public"."""
    if node.kind != enums.VariableSetKind.VAR_SET_VALUE:
        return op.SetSearchPath(("public",), bool(node.is_local))
    schemas = [
        value.val.sval
        for value in node.args
        if isinstance(value, ast.A_Const) and isinstance(value.val, ast.String)
    ]
    known = [schema for schema in schemas if schema != "$user"]
    return op.SetSearchPath(tuple(known), bool(node.is_local))


def _create_table(node: Tree) -> op.CreateTable:
    found: list[op.Constraint] = []
    for element in node.tableElts or ():
        match element:
            case ast.Constraint():
                found += _constraints((element,), None)
            case ast.ColumnDef(colname=column, constraints=written):
                found += _constraints(written or (), column)
    # On a new table NOT VALID says nothing (transformCheckConstraints, transformFKConstraints).
    valid = tuple(replace(constraint, not_valid=False) for constraint in found)
    return op.CreateTable(_relation(node.relation), bool(node.if_not_exists), constraints=valid)


def _alter_table(node: Tree, command: Tree) -> op.Operation:
    table, if_exists = _relation(node.relation), bool(node.missing_ok)
    kinds = enums.AlterTableType
    match command.subtype, command.def_:
        case kinds.AT_AddConstraint, ast.Constraint() as written:
            known = _constraints((written,), None)
            if known:
                return op.AddConstraint(table, known[0], if_exists=if_exists)
        case kinds.AT_ValidateConstraint, _:
            return op.ValidateConstraint(table, command.name, if_exists=if_exists)
        case kinds.AT_DropConstraint, _:
            return op.DropConstraint(table, command.name, if_exists=if_exists)
        case kinds.AT_AddColumn, ast.ColumnDef() as column:
            return _add_column(table, column, if_exists)
    action = enums.AlterTableType(command.subtype).name.removeprefix("AT_")
    return op.AlterTable(table, action, if_exists=if_exists)


def _add_column(table: QualifiedName, column: Tree, if_exists: bool) -> op.AddColumn:
    written = column.constraints or ()
    defaults = (
        enums.ConstrType.CONSTR_DEFAULT,
        enums.ConstrType.CONSTR_GENERATED,
        enums.ConstrType.CONSTR_IDENTITY,
    )
    return op.AddColumn(
        table,
        column.colname,
        default=any(constraint.contype in defaults for constraint in written),
        constraints=tuple(_constraints(written, column.colname)),
        if_exists=if_exists,
    )


def _constraints(written: Iterable[Tree], column: str | None) -> list[op.Constraint]:
    """The constraints of a table (column None) or of one column, in order."""
    found: list[op.Constraint] = []
    for node in written:
        match node.contype:
            case enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED if found:
                found[-1] = replace(found[-1], enforced=False)  # it stands behind its constraint
            case _:
                found += _constraint(node, (column,) if column else ())
    return found


def _constraint(node: Tree, on_column: tuple[str, ...]) -> Iterator[op.Constraint]:
    name, not_valid = node.conname, bool(node.skip_validation)
    match node.contype:
        case enums.ConstrType.CONSTR_CHECK:
            columns = tuple(sorted(_columns(node.raw_expr)))
            enforced = bool(node.is_enforced)
            yield op.Check(name=name, not_valid=not_valid, enforced=enforced, columns=columns)
        case enums.ConstrType.CONSTR_FOREIGN:
            yield op.ForeignKey(
                name=name,
                not_valid=not_valid,
                enforced=bool(node.is_enforced),
                columns=_strings(node.fk_attrs) or on_column,
                referenced=_relation(node.pktable),
            )
        case enums.ConstrType.CONSTR_NOTNULL:
            (column,) = _strings(node.keys) or on_column
            yield op.NotNull(name=name, not_valid=not_valid, column=column)
        case kind if kind in _KEYS:
            excluded = tuple(element.name or "expr" for element, _ in node.exclusions or ())
            yield op.Key(
                name=name,
                kind=_KEYS[kind],
                columns=(
                    *(_strings(node.keys) or excluded or on_column),
                    *_strings(node.including),
                ),
                using_index=node.indexname,
            )


def _columns(expression: object) -> frozenset[str]:
    """The names of all columns that an expression, however deep, mentions."""
    found: set[str] = set()
    left = [expression]
    while left:
        match left.pop():
            case ast.ColumnRef(fields=(*_, ast.String(sval=name))):
                found.add(name)
            case ast.Node() as node:
                left += (getattr(node, attribute) for attribute in node)
            case tuple() as several:
                left += several
    return frozenset(found)


def _strings(names: Iterable[Tree] | None) -> tuple[str, ...]:
    return tuple(name.sval for name in names or ())


def _relation(node: Tree) -> QualifiedName:
    schema = "pg_temp" if node.relpersistence == "t" else node.schemaname
    return QualifiedName(schema, node.relname)


def _qualified(names: tuple[Tree, ...]) -> QualifiedName:
    parts = _strings(names)
    return QualifiedName(parts[-2] if len(parts) > 1 else None, parts[-1])


def _command_spans(name: int, span: Span, text: str) -> tuple[Span, ...]:
    """Where each command of an ALTER TABLE stands: between the commas behind the table's `name`."""
    run = significant(text, span.start)
    behind = next(i for i, token in enumerate(run) if token.span.start >= name) + 1
    while run[behind].name in (*_WITH_ANOTHER, *_ALONE):
        behind += 2 if run[behind].name in _WITH_ANOTHER else 1
    parts = split_at_commas(run[behind:])
    return tuple(Span(part[0].span.start, part[-1].span.end) for part in parts)
