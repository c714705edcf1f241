"""The part of GitHub's GraphQL schema that the forge answers, with GitHub's own names and types.

The selftest compares it with GitHub's published schema where that is at hand (SLIPWAY_GITHUB_SCHEMA).
"""

from .github_graphql import Parser

PAGE = "after: String, before: String, first: Int, last: Int"
PULLS = PAGE + """, baseRefName: String, headRefName: String, labels: [String!], orderBy: IssueOrder,
  states: [PullRequestState!]"""

TEXT = """
scalar Int scalar Float scalar Boolean scalar String scalar ID scalar DateTime scalar URI scalar GitObjectID scalar
  HTML
scalar BigInt scalar GitSSHRemote scalar GitTimestamp
enum PullRequestState { CLOSED MERGED OPEN }
enum MergeableState { CONFLICTING MERGEABLE UNKNOWN }
enum MergeStateStatus { BEHIND BLOCKED CLEAN DIRTY DRAFT HAS_HOOKS UNKNOWN UNSTABLE }
enum PullRequestMergeMethod { MERGE REBASE SQUASH }
enum PullRequestReviewDecision { APPROVED CHANGES_REQUESTED REVIEW_REQUIRED }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
enum CheckConclusionState { ACTION_REQUIRED CANCELLED FAILURE NEUTRAL SKIPPED STALE STARTUP_FAILURE SUCCESS TIMED_OUT
  }
enum CheckStatusState { COMPLETED IN_PROGRESS PENDING QUEUED REQUESTED WAITING }
enum CheckRunState { ACTION_REQUIRED CANCELLED COMPLETED FAILURE IN_PROGRESS NEUTRAL PENDING QUEUED SKIPPED STALE
  STARTUP_FAILURE SUCCESS TIMED_OUT WAITING }
enum CommentAuthorAssociation { COLLABORATOR CONTRIBUTOR FIRST_TIMER FIRST_TIME_CONTRIBUTOR MANNEQUIN MEMBER NONE
  OWNER }
enum ReactionContent { CONFUSED EYES HEART HOORAY LAUGH ROCKET THUMBS_DOWN THUMBS_UP }
enum OrderDirection { ASC DESC }
enum IssueOrderField { COMMENTS CREATED_AT UPDATED_AT }
enum LabelOrderField { CREATED_AT NAME }
enum SearchType { DISCUSSION ISSUE ISSUE_ADVANCED ISSUE_HYBRID ISSUE_SEMANTIC REPOSITORY USER }
enum RepositoryPermission { ADMIN MAINTAIN READ TRIAGE WRITE }
enum RepositoryVisibility { INTERNAL PRIVATE PUBLIC }
enum MergeQueueEntryState { AWAITING_CHECKS LOCKED MERGEABLE QUEUED UNMERGEABLE }
enum PatchStatus { ADDED CHANGED COPIED DELETED MODIFIED RENAMED }
enum PullRequestUpdateState { CLOSED OPEN }
input IssueOrder { direction: OrderDirection! field: IssueOrderField! }
input LabelOrder { direction: OrderDirection! field: LabelOrderField! }

interface Node { id: ID! }
interface Actor { login: String! resourcePath: URI! url: URI! avatarUrl(size: Int): URI! }
interface RepositoryOwner { id: ID! login: String! resourcePath: URI! url: URI! avatarUrl(size: Int): URI! }
interface Labelable { labels(PAGE, orderBy: LabelOrder): LabelConnection }
interface Comment { id: ID! body: String! }
type User implements Node & Actor & RepositoryOwner { id: ID! login: String! name: String databaseId: Int
  resourcePath: URI! url: URI! avatarUrl(size: Int): URI! email: String! }
type Bot implements Node & Actor { id: ID! login: String! databaseId: Int resourcePath: URI! url: URI!
  avatarUrl(size: Int): URI! }
type Organization implements Node & Actor & RepositoryOwner { id: ID! login: String! name: String databaseId: Int
  resourcePath: URI! url: URI! avatarUrl(size: Int): URI! }
type Team implements Node { id: ID! name: String! slug: String! organization: Organization! }
type Mannequin implements Node & Actor { id: ID! login: String! databaseId: Int resourcePath: URI! url: URI!
  avatarUrl(size: Int): URI! }
union RequestedReviewer = Bot | Mannequin | Team | User
union SearchResultItem = PullRequest | Repository | User | Organization
union StatusCheckRollupContext = CheckRun | StatusContext
union IssueOrPullRequest = PullRequest
type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }

type Query { viewer: User! repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
  node(id: ID!): Node nodes(ids: [ID!]!): [Node]! rateLimit(dryRun: Boolean = false): RateLimit
  search(after: String, before: String, first: Int, last: Int, query: String!, type: SearchType!):
  SearchResultItemConnection!
  user(login: String!): User organization(login: String!): Organization
  repositoryOwner(login: String!): RepositoryOwner __type(name: String!): __Type }
type __Type { name: String kind: String fields(includeDeprecated: Boolean = false): [__Field!] inputFields: [__Field!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!] }
type __Field { name: String! isDeprecated: Boolean! args: [__InputValue!]! }
type __InputValue { name: String! }
type __EnumValue { name: String! isDeprecated: Boolean! }
type RateLimit { cost: Int! limit: Int! nodeCount: Int! remaining: Int! resetAt: DateTime! used: Int! }
type SearchResultItemConnection { issueCount: Int! repositoryCount: Int! userCount: Int! pageInfo: PageInfo!
  nodes: [SearchResultItem] edges: [SearchResultItemEdge] }
type SearchResultItemEdge { cursor: String! node: SearchResultItem }

type Repository implements Node { id: ID! databaseId: Int name: String! nameWithOwner: String! owner: RepositoryOwner!
  url: URI! sshUrl: GitSSHRemote! description: String createdAt: DateTime! pushedAt: DateTime isArchived: Boolean!
  isFork: Boolean! isPrivate: Boolean! isEmpty: Boolean! isDisabled: Boolean! isMirror: Boolean! isTemplate: Boolean!
  visibility: RepositoryVisibility! hasIssuesEnabled: Boolean! hasProjectsEnabled: Boolean! hasWikiEnabled: Boolean!
  viewerPermission: RepositoryPermission viewerDefaultMergeMethod: PullRequestMergeMethod!
  viewerCanAdminister: Boolean! mergeCommitAllowed: Boolean! rebaseMergeAllowed: Boolean! squashMergeAllowed: Boolean!
  autoMergeAllowed: Boolean! deleteBranchOnMerge: Boolean! defaultBranchRef: Ref ref(qualifiedName: String!): Ref
  parent: Repository label(name: String!): Label object(expression: String, oid: GitObjectID): GitObject
  labels(PAGE, orderBy: LabelOrder, query: String): LabelConnection pullRequest(number: Int!): PullRequest
  issueOrPullRequest(number: Int!): IssueOrPullRequest pullRequests(PULLS): PullRequestConnection!
  assignableUsers(PAGE, query: String): UserConnection! }
type Ref implements Node { id: ID! name: String! prefix: String! target: GitObject repository: Repository!
  branchProtectionRule: BranchProtectionRule }
type BranchProtectionRule implements Node { id: ID! requiredApprovingReviewCount: Int
  requiresStrictStatusChecks: Boolean! }
type Issue implements Node { id: ID! number: Int! title: String! url: URI! repository: Repository! }
type IssueConnection { nodes: [Issue] pageInfo: PageInfo! totalCount: Int! }
interface GitObject { id: ID! oid: GitObjectID! abbreviatedOid: String! }
type Commit implements Node & GitObject { id: ID! oid: GitObjectID! abbreviatedOid: String! message: String!
  messageHeadline: String! messageBody: String! committedDate: DateTime! authoredDate: DateTime! author: GitActor
  committer: GitActor authors(PAGE): GitActorConnection! statusCheckRollup: StatusCheckRollup url: URI!
  associatedPullRequests(PAGE): PullRequestConnection }
type GitActor { name: String email: String date: GitTimestamp user: User }
type GitActorConnection { nodes: [GitActor] pageInfo: PageInfo! totalCount: Int! }
type Label implements Node { id: ID! name: String! color: String! description: String isDefault: Boolean! url: URI!
  repository: Repository! }
type LabelConnection { nodes: [Label] edges: [LabelEdge] pageInfo: PageInfo! totalCount: Int! }
type LabelEdge { cursor: String! node: Label }
type UserConnection { nodes: [User] pageInfo: PageInfo! totalCount: Int! }
type PullRequestConnection { nodes: [PullRequest] edges: [PullRequestEdge] pageInfo: PageInfo! totalCount: Int! }
type PullRequestEdge { cursor: String! node: PullRequest }

type PullRequest implements Node & Labelable & Comment { id: ID! databaseId: Int fullDatabaseId: BigInt number: Int!
  title: String! body: String! bodyText: String! state: PullRequestState! closed: Boolean! merged: Boolean!
  isDraft: Boolean! locked: Boolean! url: URI! permalink: URI! author: Actor
  authorAssociation: CommentAuthorAssociation! createdAt: DateTime! updatedAt: DateTime! closedAt: DateTime
  mergedAt: DateTime mergedBy: Actor mergeCommit: Commit potentialMergeCommit: Commit mergeable: MergeableState!
  mergeStateStatus: MergeStateStatus! canBeRebased: Boolean! headRefName: String! headRefOid: GitObjectID!
  headRef: Ref baseRefName: String! baseRefOid: GitObjectID! baseRef: Ref repository: Repository!
  baseRepository: Repository headRepository: Repository headRepositoryOwner: RepositoryOwner
  isCrossRepository: Boolean! maintainerCanModify: Boolean! additions: Int! deletions: Int! changedFiles: Int!
  files(PAGE): PullRequestChangedFileConnection labels(PAGE, orderBy: LabelOrder): LabelConnection
  comments(PAGE): IssueCommentConnection! totalCommentsCount: Int commits(PAGE): PullRequestCommitConnection!
  reviews(PAGE, author: String, states: [PullRequestReviewState!]): PullRequestReviewConnection
  latestReviews(PAGE): PullRequestReviewConnection reviewDecision: PullRequestReviewDecision
  reviewRequests(PAGE): ReviewRequestConnection assignees(PAGE): UserConnection!
  closingIssuesReferences(PAGE): IssueConnection milestone: Milestone
  projectItems(PAGE, includeArchived: Boolean = true): ProjectV2ItemConnection! reactionGroups: [ReactionGroup!]
  statusCheckRollup: StatusCheckRollup autoMergeRequest: AutoMergeRequest mergeQueueEntry: MergeQueueEntry
  isInMergeQueue: Boolean! isMergeQueueEnabled: Boolean! viewerCanUpdate: Boolean! viewerDidAuthor: Boolean!
  viewerMergeBodyText(mergeType: PullRequestMergeMethod): String!
  viewerMergeHeadlineText(mergeType: PullRequestMergeMethod): String! }
type Milestone implements Node { id: ID! number: Int! title: String! description: String dueOn: DateTime }
type ProjectV2 implements Node { id: ID! title: String! }
type ProjectV2ItemFieldSingleSelectValue implements Node { id: ID! name: String optionId: String }
union ProjectV2ItemFieldValue = ProjectV2ItemFieldSingleSelectValue
type ProjectV2Item implements Node { id: ID! project: ProjectV2!
  fieldValueByName(name: String!): ProjectV2ItemFieldValue }
type ProjectV2ItemConnection { nodes: [ProjectV2Item] pageInfo: PageInfo! totalCount: Int! }
type ReactionGroup { content: ReactionContent! users(PAGE): ReactingUserConnection! }
type ReactingUserConnection { totalCount: Int! }
type ReviewRequest implements Node { id: ID! requestedReviewer: RequestedReviewer }
type ReviewRequestConnection { nodes: [ReviewRequest] pageInfo: PageInfo! totalCount: Int! }
type PullRequestChangedFile { path: String! additions: Int! deletions: Int! changeType: PatchStatus! }
type PullRequestChangedFileConnection { nodes: [PullRequestChangedFile] pageInfo: PageInfo! totalCount: Int! }
type IssueComment implements Node & Comment { id: ID! databaseId: Int author: Actor
  authorAssociation: CommentAuthorAssociation! body: String! createdAt: DateTime! updatedAt: DateTime! url: URI!
  isMinimized: Boolean! minimizedReason: String includesCreatedEdit: Boolean! viewerDidAuthor: Boolean!
  viewerCanDelete: Boolean! viewerCanUpdate: Boolean! reactionGroups: [ReactionGroup!] }
type IssueCommentConnection { nodes: [IssueComment] edges: [IssueCommentEdge] pageInfo: PageInfo! totalCount: Int! }
type IssueCommentEdge { cursor: String! node: IssueComment }
type PullRequestCommit implements Node { id: ID! commit: Commit! url: URI! pullRequest: PullRequest! }
type PullRequestCommitConnection { nodes: [PullRequestCommit] pageInfo: PageInfo! totalCount: Int! }
type PullRequestReview implements Node { id: ID! author: Actor authorAssociation: CommentAuthorAssociation!
  body: String! state: PullRequestReviewState! submittedAt: DateTime createdAt: DateTime! url: URI! commit: Commit
  includesCreatedEdit: Boolean! reactionGroups: [ReactionGroup!] }
type PullRequestReviewConnection { nodes: [PullRequestReview] pageInfo: PageInfo! totalCount: Int! }
type AutoMergeRequest { enabledAt: DateTime enabledBy: Actor mergeMethod: PullRequestMergeMethod! authorEmail: String
  commitBody: String commitHeadline: String pullRequest: PullRequest! }
type MergeQueueEntry implements Node { id: ID! position: Int! state: MergeQueueEntryState! enqueuedAt: DateTime!
  enqueuer: Actor! pullRequest: PullRequest }
type StatusCheckRollup implements Node { id: ID! state: StatusState! commit: Commit
  contexts(PAGE): StatusCheckRollupContextConnection! }
type CheckRunStateCount { count: Int! state: CheckRunState! }
type StatusContextStateCount { count: Int! state: StatusState! }
type StatusCheckRollupContextConnection { nodes: [StatusCheckRollupContext] pageInfo: PageInfo! totalCount: Int!
  checkRunCount: Int! checkRunCountsByState: [CheckRunStateCount!] statusContextCount: Int!
  statusContextCountsByState: [StatusContextStateCount!] }
type StatusContext implements Node { id: ID! context: String! state: StatusState! description: String targetUrl: URI
  createdAt: DateTime! creator: Actor commit: Commit isRequired(pullRequestId: ID, pullRequestNumber: Int): Boolean! }
type Workflow implements Node { id: ID! name: String! }
type WorkflowRun implements Node { id: ID! event: String! workflow: Workflow! }
type CheckSuite implements Node { id: ID! workflowRun: WorkflowRun }
type CheckRun implements Node { id: ID! name: String! status: CheckStatusState! conclusion: CheckConclusionState
  startedAt: DateTime completedAt: DateTime detailsUrl: URI summary: String title: String checkSuite: CheckSuite!
  isRequired(pullRequestId: ID, pullRequestNumber: Int): Boolean! }

type Mutation { createPullRequest(input: CreatePullRequestInput!): CreatePullRequestPayload
  updatePullRequest(input: UpdatePullRequestInput!): UpdatePullRequestPayload
  closePullRequest(input: ClosePullRequestInput!): ClosePullRequestPayload
  reopenPullRequest(input: ReopenPullRequestInput!): ReopenPullRequestPayload
  mergePullRequest(input: MergePullRequestInput!): MergePullRequestPayload
  addLabelsToLabelable(input: AddLabelsToLabelableInput!): AddLabelsToLabelablePayload
  removeLabelsFromLabelable(input: RemoveLabelsFromLabelableInput!): RemoveLabelsFromLabelablePayload
  addComment(input: AddCommentInput!): AddCommentPayload
  enablePullRequestAutoMerge(input: EnablePullRequestAutoMergeInput!): EnablePullRequestAutoMergePayload
  disablePullRequestAutoMerge(input: DisablePullRequestAutoMergeInput!): DisablePullRequestAutoMergePayload
  enqueuePullRequest(input: EnqueuePullRequestInput!): EnqueuePullRequestPayload
  dequeuePullRequest(input: DequeuePullRequestInput!): DequeuePullRequestPayload }
input CreatePullRequestInput { baseRefName: String! body: String clientMutationId: String draft: Boolean
  headRefName: String! headRepositoryId: ID maintainerCanModify: Boolean repositoryId: ID! title: String! }
input UpdatePullRequestInput { assigneeIds: [ID!] baseRefName: String body: String clientMutationId: String
  labelIds: [ID!] maintainerCanModify: Boolean milestoneId: ID projectIds: [ID!] pullRequestId: ID!
  state: PullRequestUpdateState title: String }
input ClosePullRequestInput { clientMutationId: String pullRequestId: ID! }
input ReopenPullRequestInput { clientMutationId: String pullRequestId: ID! }
input MergePullRequestInput { authorEmail: String clientMutationId: String commitBody: String commitHeadline: String
  expectedHeadOid: GitObjectID mergeMethod: PullRequestMergeMethod pullRequestId: ID! }
input AddLabelsToLabelableInput { clientMutationId: String labelIds: [ID!]! labelableId: ID! }
input RemoveLabelsFromLabelableInput { clientMutationId: String labelIds: [ID!]! labelableId: ID! }
input AddCommentInput { body: String! clientMutationId: String subjectId: ID! }
input EnablePullRequestAutoMergeInput { authorEmail: String clientMutationId: String commitBody: String
  commitHeadline: String expectedHeadOid: GitObjectID mergeMethod: PullRequestMergeMethod pullRequestId: ID! }
input DisablePullRequestAutoMergeInput { clientMutationId: String pullRequestId: ID! }
input EnqueuePullRequestInput { clientMutationId: String expectedHeadOid: GitObjectID jump: Boolean pullRequestId: ID!
  }
input DequeuePullRequestInput { clientMutationId: String id: ID! }
type CreatePullRequestPayload { clientMutationId: String pullRequest: PullRequest }
type UpdatePullRequestPayload { actor: Actor clientMutationId: String pullRequest: PullRequest }
type ClosePullRequestPayload { clientMutationId: String pullRequest: PullRequest }
type ReopenPullRequestPayload { clientMutationId: String pullRequest: PullRequest }
type MergePullRequestPayload { actor: Actor clientMutationId: String pullRequest: PullRequest }
type AddLabelsToLabelablePayload { clientMutationId: String labelable: Labelable }
type RemoveLabelsFromLabelablePayload { clientMutationId: String labelable: Labelable }
type AddCommentPayload { clientMutationId: String commentEdge: IssueCommentEdge subject: Node }
type EnablePullRequestAutoMergePayload { actor: Actor clientMutationId: String pullRequest: PullRequest }
type DisablePullRequestAutoMergePayload { actor: Actor clientMutationId: String pullRequest: PullRequest }
type EnqueuePullRequestPayload { clientMutationId: String mergeQueueEntry: MergeQueueEntry }
type DequeuePullRequestPayload { clientMutationId: String mergeQueueEntry: MergeQueueEntry }
""".replace("(PULLS", "(" + PULLS).replace("(PAGE", "(" + PAGE)

TYPES = Parser(TEXT).definitions()
