"""Cuts GitHub's public GraphQL schema down to the fields that the stand-in answers.

    python tests/stand_in/contract/cut_schema.py path/to/schema.graphql

writes `github.graphql` beside this file. To answer one more field, name it below, cut again and give
it a value in `../graphql.py` or `../nodes.py`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from graphql import parse, print_ast
from graphql.language import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    Visitor,
    visit,
)

COMMENT = (
    "author authorAssociation body createdAt updatedAt databaseId fullDatabaseId id url editor includesCreatedEdit "
    "lastEditedAt publishedAt viewerDidAuthor viewerCanDelete viewerCanUpdate pullRequest repository commit"
)
ACTOR = "login url resourcePath avatarUrl"
OBJECT = "id oid abbreviatedOid repository"
CONNECTION = "nodes edges pageInfo totalCount"
KEPT = {
    "Query": "id viewer repository node nodes rateLimit",
    "Mutation": "updatePullRequestReviewComment deletePullRequestReviewComment updatePullRequestReview "
    "resolveReviewThread unresolveReviewThread createRef deleteRef createCommitOnBranch createPullRequest "
    "closePullRequest",
    "CreateRefPayload": "clientMutationId ref",
    "DeleteRefPayload": "clientMutationId",
    "CreateCommitOnBranchPayload": "clientMutationId commit ref",
    "CreatePullRequestPayload": "clientMutationId pullRequest",
    "ClosePullRequestPayload": "clientMutationId pullRequest",
    "UpdatePullRequestReviewCommentPayload": "clientMutationId pullRequestReviewComment",
    "DeletePullRequestReviewCommentPayload": "clientMutationId pullRequestReview pullRequestReviewComment",
    "UpdatePullRequestReviewPayload": "clientMutationId pullRequestReview",
    "ResolveReviewThreadPayload": "clientMutationId thread",
    "UnresolveReviewThreadPayload": "clientMutationId thread",
    "RateLimit": "cost limit nodeCount remaining resetAt used",
    "Node": "id",
    "Actor": ACTOR,
    "Bot": f"id databaseId {ACTOR}",
    "User": f"id databaseId {ACTOR}",
    "RepositoryOwner": "id login url resourcePath avatarUrl",
    "Repository": "id databaseId name nameWithOwner owner url isFork isPrivate object pullRequest defaultBranchRef",
    "Ref": "id name prefix target",
    "GitObject": OBJECT,
    "Blob": f"{OBJECT} byteSize isBinary isTruncated text",
    "Tree": f"{OBJECT} entries",
    "TreeEntry": "name path type mode oid size object extension",
    "Commit": f"{OBJECT} tree message committedDate",
    "PullRequest": "id databaseId fullDatabaseId number title body state isDraft url author createdAt headRefOid "
    "headRefName baseRefOid baseRefName headRepository headRepositoryOwner baseRepository repository "
    "isCrossRepository changedFiles additions deletions files reviews reviewThreads viewerDidAuthor",
    "PullRequestChangedFileConnection": CONNECTION,
    "PullRequestChangedFileEdge": "cursor node",
    "PullRequestChangedFile": "path additions deletions changeType",
    "PullRequestReviewConnection": CONNECTION,
    "PullRequestReviewEdge": "cursor node",
    "PullRequestReview": f"{COMMENT} state submittedAt comments",
    "PullRequestReviewThreadConnection": CONNECTION,
    "PullRequestReviewThreadEdge": "cursor node",
    "PullRequestReviewThread": "id isResolved isOutdated isCollapsed path line startLine originalLine "
    "originalStartLine diffSide startDiffSide subjectType resolvedBy comments pullRequest repository",
    "PullRequestReviewCommentConnection": CONNECTION,
    "PullRequestReviewCommentEdge": "cursor node",
    "PullRequestReviewComment": f"{COMMENT} diffHunk line startLine originalLine originalStartLine outdated path "
    "subjectType state replyTo pullRequestReview originalCommit isMinimized minimizedReason",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
}
BUILT_IN = {"Int", "Float", "String", "Boolean", "ID"}


class References(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        self.names.add(node.name.value)


class WithoutDirectives(Visitor):
    def enter_directive(self, *_: object) -> object:
        return self.REMOVE


def kept(definition: DefinitionNode) -> DefinitionNode | None:
    if not isinstance(definition, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        return definition
    names = KEPT.get(definition.name.value, "").split()
    if not names:
        return None
    fields = [one for one in definition.fields or () if one.name.value in names]
    missing = set(names) - {one.name.value for one in fields}
    assert not missing, f"{definition.name.value} has no {missing}"
    interfaces = [one for one in definition.interfaces or () if one.name.value in KEPT]
    return type(definition)(
        name=definition.name, interfaces=tuple(interfaces), fields=tuple(fields), directives=()
    )


def cut(schema: str) -> str:
    document = visit(
        parse(re.sub(r'"""[\s\S]*?"""', "", schema), no_location=True), WithoutDirectives()
    )
    plain = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode, EnumTypeDefinitionNode)
    plain += (InputObjectTypeDefinitionNode, ScalarTypeDefinitionNode)  # type: ignore[assignment]
    types = {one.name.value: one for one in document.definitions if isinstance(one, plain)}
    wanted, done = set(KEPT), dict[str, DefinitionNode]()
    while wanted - set(done):
        name = min(wanted - set(done))
        definition = kept(types[name])
        assert definition is not None, f"a kept field leads to {name}"
        done[name] = definition
        references = References()
        visit(definition, references)
        wanted |= references.names - BUILT_IN
    return print_ast(DocumentNode(definitions=tuple(done[name] for name in sorted(done)))) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("github.graphql").write_text(cut(Path(sys.argv[1]).read_text()))
