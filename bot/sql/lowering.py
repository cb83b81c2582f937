"""A parse tree says what it asks for: the operations of a statement, each with its own text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.model.migration import Command
from bot.model.source import Span
from bot.postgres import operations as op
from bot.postgres.locks import LockMode
from bot.postgres.names import QualifiedName
from bot.sql.constraints import constraints
from bot.sql.names import qualified, relation, strings
from bot.sql.queries import functions_in, query
from bot.sql.tokens import significant, split_at_commas
from bot.sql.tree import Tree, ast, enums

# What may follow a table's first name: .name or UESCAPE 'x', then ) or *.
_WITH_ANOTHER = ("ASCII_46", "UESCAPE")
_ALONE = ("ASCII_41", "ASCII_42")

_PARTS_OF_TABLES = (
    enums.ObjectType.OBJECT_TRIGGER,
    enums.ObjectType.OBJECT_POLICY,
    enums.ObjectType.OBJECT_RULE,
)
_WRITES = re.compile(r"\b(insert|update|delete|merge|copy|select|perform|execute|call)\b")

_QUERIES = (ast.SelectStmt, ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)


def commands(node: Tree, origin: int, span: Span, text: str) -> tuple[Command, ...]:
    """The operations that the statement `node`, whose text lies at `span`, asks for.

    `origin` is the offset from which the tree counts its locations.
    """
    if isinstance(node, ast.AlterTableStmt) and node.objtype == enums.ObjectType.OBJECT_TABLE:
        places = _command_spans(origin + node.relation.location, span, text)
        return tuple(
            Command(_alter_table(node, command), place, _parts(command, origin, place, span, text))
            for command, place in zip(node.cmds, places, strict=True)
        )
    return tuple(Command(what, span) for what in _statement(node)) or (
        Command(op.Operation(), span),
    )


def _statement(node: Tree) -> Iterator[op.Operation]:
    match node:
        case ast.CreateStmt():
            yield from _create_table(node)
        case ast.CreateTableAsStmt(into=into, query=source):
            if node.objtype == enums.ObjectType.OBJECT_TABLE:
                filled = not into.skipData and any(query(source))
                yield op.CreateTable(relation(into.rel), bool(node.if_not_exists), filled=filled)
            yield from query(source)
        case ast.CreateSchemaStmt(schemaElts=elements, schemaname=schema):
            if schema is None:  # it is called as a role, which "$user" may find
                yield op.SetSearchPath(None)
            for element in elements or ():
                yield from (_in_schema(one, schema) for one in _statement(element))
        case ast.DropStmt(removeType=enums.ObjectType.OBJECT_TABLE, objects=names):
            yield from (op.DropTable(qualified(name)) for name in names)
        case ast.DropStmt(removeType=enums.ObjectType.OBJECT_SCHEMA, objects=names):
            yield from (op.DropSchema(name.sval) for name in names)
        case ast.DoStmt():
            yield from _block(node)
        case ast.CallStmt() | ast.ExecuteStmt():
            yield op.Call()
        case ast.RenameStmt():
            yield _rename(node)
        case ast.AlterObjectSchemaStmt(objectType=enums.ObjectType.OBJECT_TABLE):
            table, if_exists = relation(node.relation), bool(node.missing_ok)
            yield op.RenameTable(table, schema=node.newschema, if_exists=if_exists)
        case ast.IndexStmt(relation=table, concurrent=concurrent):
            yield op.CreateIndex(relation(table), bool(concurrent))
        case ast.CopyStmt(relation=ast.RangeVar() as table, is_from=True):
            yield op.Write(relation(table), fills=True)
        case ast.CopyStmt(relation=ast.RangeVar() as table):
            yield op.Take(relation(table), LockMode.ACCESS_SHARE, scans=True)
        case ast.CopyStmt(query=source) if source:
            yield from query(source)
        case ast.ExplainStmt(query=source):
            if any(option.defname == "analyze" for option in node.options or ()):
                yield from _statement(source)
        case ast.VariableSetStmt() | ast.DiscardStmt() | ast.TransactionStmt():
            yield from _session(node)
        case ast.SelectStmt() if found := _set_config(node):
            yield found
        case _ if isinstance(node, _QUERIES) and "set_config" in functions_in(node):
            yield op.SetSearchPath(None)  # in a form in which nobody can tell what it sets
            yield from query(node)
        case _ if isinstance(node, _QUERIES):
            yield from query(node)
        case _:
            yield from _just_locks(node)


def _just_locks(node: Tree) -> Iterator[op.Operation]:
    """Statements of which only the lock matters; measured on PostgreSQL 14 to 18."""
    match node:
        case ast.LockStmt(relations=tables, mode=mode):
            yield from (op.Take(relation(table), LockMode(mode)) for table in tables)
        case ast.TruncateStmt(relations=tables):
            yield from (op.Truncate(relation(table)) for table in tables)
        case ast.CreateTrigStmt(relation=table):
            yield op.Take(relation(table), LockMode.SHARE_ROW_EXCLUSIVE)
        case ast.DropStmt(removeType=kind, objects=names) if kind in _PARTS_OF_TABLES:
            yield from (op.Take(qualified(n[:-1]), LockMode.ACCESS_EXCLUSIVE) for n in names)
        case ast.RuleStmt(relation=table) | ast.CreatePolicyStmt(table=table):
            yield op.Take(relation(table), LockMode.ACCESS_EXCLUSIVE)
        case ast.AlterPolicyStmt(table=table):
            yield op.Take(relation(table), LockMode.ACCESS_EXCLUSIVE)
        case ast.ClusterStmt(relation=ast.RangeVar() as table):
            yield op.Take(relation(table), LockMode.ACCESS_EXCLUSIVE, scans=True)
        case ast.ReindexStmt(relation=ast.RangeVar() as table):
            if node.kind == enums.ReindexObjectType.REINDEX_OBJECT_TABLE:
                concurrently = any(p.defname == "concurrently" for p in node.params or ())
                mode = LockMode.SHARE_UPDATE_EXCLUSIVE if concurrently else LockMode.SHARE
                yield op.Take(relation(table), mode, scans=True)
        case _:
            yield op.Operation()


def _block(node: Tree) -> Iterator[op.Operation]:
    """DO: what it asks for is not known; without a word that writes or calls, it is harmless."""
    body = " ".join(str(part.arg.sval) for part in node.args if part.defname == "as").lower()
    if "search_path" in body:
        yield op.SetSearchPath(None)
    if _WRITES.search(body):
        yield op.Call()


def _in_schema(operation: op.Operation, schema: str | None) -> op.Operation:
    """CREATE SCHEMA s CREATE TABLE t: the table goes into the new schema."""
    match operation:
        case op.CreateTable(QualifiedName(None, name)):
            return replace(operation, table=QualifiedName(schema, name))
        case _:
            return operation


def _session(node: Tree) -> Iterator[op.Operation]:
    match node:
        case ast.TransactionStmt():
            yield _transaction(node)
        case ast.VariableSetStmt(name="search_path"):
            yield _search_path(node)
        case ast.VariableSetStmt(kind=enums.VariableSetKind.VAR_RESET_ALL):
            yield op.SetSearchPath(("public",))
        case ast.DiscardStmt(target=target):
            if target == enums.DiscardMode.DISCARD_ALL:
                yield op.SetSearchPath(("public",))
            if target in (enums.DiscardMode.DISCARD_ALL, enums.DiscardMode.DISCARD_TEMP):
                yield op.DiscardTemporary()


def _set_config(node: Tree) -> op.SetSearchPath | None:
    """SELECT set_config('search_path', 'a, b', is_local)"""
    match node.targetList:
        case (ast.ResTarget(val=ast.FuncCall(funcname=name, args=(setting, value, local))),):
            text = _constant(setting)
            if strings(name)[-1] == "set_config" and (text or "").lower() == "search_path":
                path = _constant(value)
                match local:
                    case ast.A_Const(val=ast.Boolean(boolval=is_local)) if path is not None:
                        return op.SetSearchPath(_schemas(path), bool(is_local))
                return op.SetSearchPath(None)
    return None


def _constant(node: Tree) -> str | None:
    match node:
        case ast.A_Const(val=ast.String(sval=text)):
            return str(text)
    return None


def _schemas(path: str) -> tuple[str, ...]:
    """A search path as one text: plain names in lower case, quoted ones as they are."""
    names = (name.strip() for name in path.split(","))
    plain = (name[1:-1] if name[:1] == '"' else name.lower() for name in names if name)
    return tuple(name for name in plain if name != "$user")


def _rename(node: Tree) -> op.Operation:
    kinds = enums.ObjectType
    match node.renameType, node.relationType:
        case kinds.OBJECT_TABLE, _:
            table = relation(node.relation)
            return op.RenameTable(table, node.newname, if_exists=bool(node.missing_ok))
        case kinds.OBJECT_TABCONSTRAINT, _:
            return op.RenameConstraint(relation(node.relation), node.subname, node.newname)
        case ((kinds.OBJECT_TRIGGER | kinds.OBJECT_POLICY | kinds.OBJECT_RULE), _):
            return op.Take(relation(node.relation), LockMode.ACCESS_EXCLUSIVE)
        case kinds.OBJECT_COLUMN, kinds.OBJECT_TABLE:
            table = relation(node.relation)
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
        case kinds.TRANS_STMT_RELEASE:
            return op.Release(node.savepoint_name)
        case kinds.TRANS_STMT_PREPARE:
            # Nothing of it is there before COMMIT PREPARED, in whichever session that comes.
            return op.Rollback()
        case _:
            return op.Operation()


def _search_path(node: Tree) -> op.SetSearchPath:
    """The schemas as written; RESET and SET … TO DEFAULT return to "public"."""
    local = bool(node.is_local)
    if node.kind != enums.VariableSetKind.VAR_SET_VALUE:
        return op.SetSearchPath(("public",), local)
    texts = [_constant(value) for value in node.args]
    known = tuple(text for text in texts if text is not None and text != "$user")
    return op.SetSearchPath(known if None not in texts else None, local)


def _create_table(node: Tree) -> Iterator[op.Operation]:
    found: list[op.Constraint] = []
    for element in node.tableElts or ():
        match element:
            case ast.Constraint():
                found += constraints((element,), None)
            case ast.ColumnDef(colname=column, constraints=written):
                found += constraints(written or (), column)
            case ast.TableLikeClause(relation=like):
                yield op.Take(relation(like), LockMode.ACCESS_SHARE)
    parents = [relation(parent) for parent in node.inhRelations or ()]
    if not node.partbound:
        yield from (op.Take(parent, LockMode.SHARE_UPDATE_EXCLUSIVE) for parent in parents)
    # On a new table NOT VALID says nothing (transformCheckConstraints, transformFKConstraints).
    yield op.CreateTable(
        relation(node.relation),
        bool(node.if_not_exists),
        constraints=tuple(replace(constraint, not_valid=False) for constraint in found),
        parent=parents[0] if node.partbound else None,
        partitioned=node.partspec is not None,
        dropped_on_commit=node.oncommit == enums.OnCommitAction.ONCOMMIT_DROP,
    )


def _alter_table(node: Tree, command: Tree) -> op.Operation:
    table, if_exists = relation(node.relation), bool(node.missing_ok)
    kinds = enums.AlterTableType
    match command.subtype, command.def_:
        case kinds.AT_AddConstraint, ast.Constraint() as written:
            known = constraints((written,), None)
            if known:
                return op.AddConstraint(table, known[0], if_exists=if_exists)
        case kinds.AT_ValidateConstraint, _:
            return op.ValidateConstraint(table, command.name, if_exists=if_exists)
        case kinds.AT_DropConstraint, _:
            return op.DropConstraint(table, command.name, if_exists=if_exists)
        case kinds.AT_SetNotNull, _:
            return op.SetNotNull(table, command.name, if_exists=if_exists)
        case kinds.AT_DropNotNull, _:
            return op.DropNotNull(table, command.name, if_exists=if_exists)
        case kinds.AT_AddColumn, ast.ColumnDef() as column:
            added = _add_column(table, column, if_exists=if_exists)
            return replace(added, if_not_exists=bool(command.missing_ok))
        case kinds.AT_AddInherit, ast.RangeVar() as parent:
            return op.Inherit(table, relation(parent), if_exists=if_exists)
        case kinds.AT_AttachPartition, ast.PartitionCmd(name=partition):
            return op.AttachPartition(table, relation(partition), if_exists=if_exists)
    action = enums.AlterTableType(command.subtype).name.removeprefix("AT_")
    return op.AlterTable(table, action, if_exists=if_exists)


def _add_column(table: QualifiedName, column: Tree, *, if_exists: bool) -> op.AddColumn:
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
        constraints=tuple(constraints(written, column.colname)),
        if_exists=if_exists,
    )


def _command_spans(name: int, span: Span, text: str) -> tuple[Span, ...]:
    """Where each command of an ALTER TABLE stands: between the commas behind the table's `name`."""
    run = significant(text, span.start)
    behind = next(i for i, token in enumerate(run) if token.span.start >= name) + 1
    while run[behind].name in (*_WITH_ANOTHER, *_ALONE):
        behind += 2 if run[behind].name in _WITH_ANOTHER else 1
    parts = split_at_commas(run[behind:])
    return tuple(Span(part[0].span.start, part[-1].span.end) for part in parts)


def _parts(command: Tree, origin: int, place: Span, span: Span, text: str) -> tuple[Span, ...]:
    """Where the constraints of a new column stand: each up to what comes behind it."""
    column = command.def_
    if not isinstance(column, ast.ColumnDef) or not column.constraints:
        return ()
    attributes = range(
        enums.ConstrType.CONSTR_ATTR_DEFERRABLE, enums.ConstrType.CONSTR_ATTR_NOT_ENFORCED + 1
    )
    own = [node for node in column.constraints if node.contype not in attributes]
    starts = sorted(origin + node.location for node in own)
    collation = [origin + column.collClause.location] if column.collClause else []
    bounds = sorted((*starts, *collation, place.end))
    kept = [node for node in own if constraints((node,), column.colname)]
    run = significant(text, span.start)
    return tuple(
        Span(start, max(t.span.end for t in run if start <= t.span.start < behind))
        for node in kept
        for start in (origin + node.location,)
        for behind in (next(bound for bound in bounds if bound > start),)
    )
