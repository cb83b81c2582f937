"""Statements that ask for nothing here, since neither readers nor writers of a table wait for them.

Every kind of statement is either lowered or here with the reason; tests/test_statement_kinds.py
asks the servers.
"""

from __future__ import annotations

from bot.sql.tree import ast

_REASONS: dict[str, tuple[type, ...]] = {
    "it concerns no table": (
        ast.AlterCollationStmt,
        ast.AlterDatabaseRefreshCollStmt,
        ast.AlterDatabaseSetStmt,
        ast.AlterDefaultPrivilegesStmt,
        ast.AlterEventTrigStmt,
        ast.AlterFdwStmt,
        ast.AlterForeignServerStmt,
        ast.AlterFunctionStmt,
        ast.AlterObjectDependsStmt,
        ast.AlterOpFamilyStmt,
        ast.AlterOperatorStmt,
        ast.AlterOwnerStmt,
        ast.AlterRoleSetStmt,
        ast.AlterRoleStmt,
        ast.AlterTSConfigurationStmt,
        ast.AlterTSDictionaryStmt,
        ast.AlterTableSpaceOptionsStmt,
        ast.AlterTypeStmt,
        ast.AlterUserMappingStmt,
        ast.CheckPointStmt,
        ast.CompositeTypeStmt,
        ast.CreateAmStmt,
        ast.CreateCastStmt,
        ast.CreateConversionStmt,
        ast.CreateEventTrigStmt,
        ast.CreateFdwStmt,
        ast.CreateForeignServerStmt,
        ast.CreateFunctionStmt,
        ast.CreateOpClassStmt,
        ast.CreateOpFamilyStmt,
        ast.CreatePLangStmt,
        ast.CreateRangeStmt,
        ast.CreateRoleStmt,
        ast.CreateTransformStmt,
        ast.CreateUserMappingStmt,
        ast.DeallocateStmt,
        ast.DefineStmt,
        ast.DropRoleStmt,
        ast.DropUserMappingStmt,
        ast.GrantRoleStmt,
        ast.ListenStmt,
        ast.LoadStmt,
        ast.NotifyStmt,
        ast.UnlistenStmt,
        ast.VariableShowStmt,
    ),
    "it takes no lock on the tables that it names, or ACCESS SHARE": (
        ast.AlterSeqStmt,
        ast.CreateSeqStmt,
        ast.GrantStmt,
    ),
    "it takes SHARE UPDATE EXCLUSIVE at the most": (
        ast.AlterExtensionContentsStmt,
        ast.AlterPublicationStmt,
        ast.AlterStatsStmt,
        ast.CommentStmt,
        ast.CreatePublicationStmt,
        ast.CreateStatsStmt,
        ast.SecLabelStmt,
    ),
    "it reads what a query has been asked for, as many rows as it says": (
        ast.ClosePortalStmt,
        ast.FetchStmt,
    ),
    "it checks what its transaction has written": (ast.ConstraintsSetStmt,),
    "what it does is said by the extension, or by the other server": (
        ast.AlterExtensionStmt,
        ast.AlterSubscriptionStmt,
        ast.CreateExtensionStmt,
        ast.DropSubscriptionStmt,
    ),
    "it is part of another statement": (
        ast.PLAssignStmt,
        ast.RawStmt,
        ast.ReplicaIdentityStmt,
        ast.ReturnStmt,
        ast.SetOperationStmt,
    ),
}

HARMLESS = {kind: reason for reason, kinds in _REASONS.items() for kind in kinds}
