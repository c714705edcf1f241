public import PromotionModel

/// A forge with pull requests, and a reviewer.
public struct SimulatedForge: ForgeReading, ForgeWriting {
  let simulation: Simulation

  public func pullRequest(_ number: Int) async throws -> PullRequest {
    try await simulation.call(.forgePullRequest) { try $0.pullRequest(number).shown }
  }

  public func pullRequest(fromBranch branch: String) async throws -> PullRequest? {
    try await simulation.call(.forgePullRequestOfBranch) { outside in
      outside.forge.requests.last { $0.shown.branch == branch }?.shown
    }
  }

  public func mergeReadiness(of number: Int) async throws -> MergeReadiness {
    try await simulation.call(.forgeMergeReadiness) { try $0.mergeReadiness(of: number) }
  }

  public func openPullRequests(labels: [String], branchPrefixes prefixes: [String]) async throws -> [PullRequest] {
    try await simulation.call(.forgePullRequests) { outside in
      outside.forge.requests.reversed().map(\.shown).filter { pull in
        pull.state == .open && pull.base == outside.fleet.repository.branch
          && (pull.labels.contains(where: labels.contains) || prefixes.contains(where: pull.branch.hasPrefix))
      }
    }
  }

  /// A commit for each version that the source environment had between the two, as a repository that tags every commit has.
  public func sourceChanges(in repository: String, from: String, to: String) async throws -> SourceChanges {
    try await simulation.call(.forgeSourceChanges) { outside in
      let tags = outside.tagsBetween(from, to)
      return SourceChanges(
        commits: tags.map { tag in
          let id = StableHash.hexadecimal(StableHash.of("source", tag), digits: 9)
          return SourceChanges.Change(commit: id, subject: "feat: what \(tag) brings", author: "Grace")
        },
        total: tags.count,
        url: "https://forge.example/\(repository)/compare/\(from)...\(to)"
      )
    }
  }

  public func merge(_ order: MergeOrder) async throws -> PullRequest {
    try await simulation.call(.forgeMerge) { try $0.merge(order) }
  }

  public func leaveQueue(_ number: Int) async throws -> PullRequest {
    try await simulation.call(.forgeLeaveQueue) { outside in
      if try outside.pullRequest(number).shown.isQueued { outside.forge.change(number) { $0.shown.isQueued = false } }
      return try outside.pullRequest(number).shown
    }
  }

  public func open(_ draft: PullRequestDraft) async throws -> PullRequest {
    try await simulation.call(.forgeOpen) { try $0.open(draft) }
  }

  public func close(_ number: Int, comment: String) async throws -> PullRequest {
    try await simulation.call(.forgeClose) { outside in
      guard try outside.pullRequest(number).shown.state == .open else { return try outside.pullRequest(number).shown }
      outside.forge.change(number) { request in
        request.shown.state = .closed
        request.shown.isQueued = false
        request.shown.hasAutoMerge = false
        request.comments.append(comment)
      }
      return try outside.pullRequest(number).shown
    }
  }

  public func setStatus(_ status: CommitStatus, on commit: CommitID) async throws {
    try await simulation.call(.forgeSetStatus) { outside in
      _ = try outside.repository.commit(commit)
      outside.forge.statuses[commit, default: [:]][status.context] = status
      outside.reviewAgain(after: commit)
    }
  }

  // MARK: Inspection, without virtual time

  /// All pull requests, oldest first.
  public var pullRequests: [PullRequest] { simulation.look { $0.forge.requests.map(\.shown) } }

  /// The description of a pull request, in Markdown.
  public func body(of number: Int) -> String? { simulation.look { $0.forge.request(number)?.body } }
  public func comments(on number: Int) -> [String] { simulation.look { $0.forge.request(number)?.comments ?? [] } }
  /// The statuses of a commit by their context.
  public func statuses(of commit: CommitID) -> [String: CommitStatus] {
    simulation.look { $0.forge.statuses[commit] ?? [:] }
  }
}

struct ForgeState: Sendable {
  struct Request: Sendable {
    var shown: PullRequest
    var body: String
    var comments: [String] = []
    var approvals: [MergeReadiness.Approval] = []
    /// How the reviewer, who is ready, will merge once nothing is red.
    var waitsForGreen: MergeMethod?
    /// How often it was given a place in the queue.
    var entries = 0
  }

  var requests: [Request] = []
  var statuses: [CommitID: [String: CommitStatus]] = [:]
  /// Of the branch that pull requests go to.
  var queue: MergeQueue?

  /// Numbers are shared with issues, so they do not begin at 1.
  static let firstNumber = 101

  func request(_ number: Int) -> Request? {
    let index = number - Self.firstNumber
    return requests.indices.contains(index) ? requests[index] : nil
  }

  mutating func change(_ number: Int, _ body: (inout Request) -> Void) {
    let index = number - Self.firstNumber
    if requests.indices.contains(index) { body(&requests[index]) }
  }

  func isRed(_ commit: CommitID) -> Bool { statuses[commit]?.values.contains { $0.state == .failure } ?? false }
}

extension Outside {
  func pullRequest(_ number: Int) throws -> ForgeState.Request {
    guard var request = forge.request(number) else {
      throw WorldError(tool: "gh", reason: .notFound, message: "there is no pull request #\(number)")
    }
    request.shown.baseHead = repository.branches[request.shown.base]
    return request
  }

  mutating func open(_ draft: PullRequestDraft) throws -> PullRequest {
    if let open = forge.requests.last(where: { $0.shown.branch == draft.branch && $0.shown.state == .open }) {
      // Adopted: the labels are completed, as a step that failed halfway would.
      forge.change(open.shown.number) { request in
        request.shown.labels += draft.labels.filter { !open.shown.labels.contains($0) }
      }
      return try pullRequest(open.shown.number).shown
    }
    guard let head = repository.branches[draft.branch], let base = repository.branches[draft.base] else {
      throw WorldError(
        tool: "gh",
        reason: .refused,
        message: "there is no branch \(draft.branch) or \(draft.base) to compare"
      )
    }
    guard !repository.contains(head, in: base) else {
      throw WorldError(
        tool: "gh",
        reason: .refused,
        message: "no commits between \(draft.base) and \(draft.branch)"
      )
    }
    let number = ForgeState.firstNumber + forge.requests.count
    let place = fleet.pullRequest?.repository ?? "example/repository"
    let request = PullRequest(
      number: number,
      url: "https://forge.example/\(place)/pull/\(number)",
      title: draft.title,
      state: .open,
      branch: draft.branch,
      head: head,
      base: draft.base,
      labels: draft.labels,
      plan: PlanDigest.named(in: draft.body)
    )
    forge.requests.append(ForgeState.Request(shown: request, body: draft.body))
    switch reviewer {
    case .merges(let delay, _): scheduleReview(number, after: delay)
    case .closes(let delay), .editsAndMerges(let delay, _, _, _): schedule(.review(number), after: delay)
    case .neverComes: break
    case nil: scheduleReview(number, after: chance.seconds(300...1200, for: "review"))
    }
    return request
  }

  /// Who merges has approved a minute before: a run that merges by itself comes first.
  private mutating func scheduleReview(_ number: Int, after delay: Duration) {
    schedule(.approve(number), after: max(.zero, delay - .seconds(60)))
    schedule(.review(number), after: delay)
  }

  mutating func approve(_ number: Int) {
    guard let request = forge.request(number)?.shown, request.state == .open, !forge.isRed(request.head) else { return }
    let approval = MergeReadiness.Approval(by: Self.reviewerName, commit: request.head)
    forge.change(number) { if !$0.approvals.contains(approval) { $0.approvals.append(approval) } }
  }

  func mergeReadiness(of number: Int) throws -> MergeReadiness {
    let request = try pullRequest(number)
    var obstacles: [MergeReadiness.Obstacle] = []
    if request.shown.state == .open {
      if isInConflict(request.shown) { obstacles.append(.conflicts) }
      let red = (forge.statuses[request.shown.head] ?? [:]).filter { $0.value.state == .failure }.keys.sorted()
      if !red.isEmpty { obstacles.append(.checksFailed(red)) }
      if request.shown.isQueued { obstacles.append(.queued) }
    }
    return MergeReadiness(
      pull: request.shown,
      approvals: request.approvals,
      obstacles: obstacles,
      needsQueue: forge.queue != nil
    )
  }

  /// The tags that stood in the fleet's files on the way from one to another, oldest first.
  func tagsBetween(_ from: String, _ to: String) -> [String] {
    guard let service = fleet.services.first(where: { $0.tag.version(ofTag: to) != nil }),
      let first = service.tag.version(ofTag: from), let last = service.tag.version(ofTag: to),
      let head = repository.head
    else { return [to] }
    var found: [Version] = [last]
    for environment in fleet.environments {
      for change in history(of: service.name, in: environment.name, upTo: head, limit: 50) {
        guard let version = change.tag.flatMap(service.tag.version(ofTag:)), first < version, version < last,
          !found.contains(version)
        else { continue }
        found.append(version)
      }
    }
    return found.sorted().map(service.tag.tag)
  }

  /// What the login of a run is called.
  static let runName = "slipway"

  mutating func merge(_ order: MergeOrder) throws -> PullRequest {
    let shown = try pullRequest(order.number).shown
    func refused(_ message: String) -> WorldError { WorldError(tool: "gh", reason: .refused, message: message) }
    switch shown.state {
    case .merged: return shown
    case .closed: throw refused("pull request #\(order.number) is closed")
    case .open: break
    }
    guard shown.head == order.head else { throw refused("head branch was modified: review and try the merge again") }
    if order.isThroughQueue {
      guard !isInConflict(shown) else { throw refused("pull request #\(order.number) is not mergeable") }
      try enqueue(order.number, as: Self.runName)
      return try pullRequest(order.number).shown
    }
    guard forge.queue == nil else { throw refused("changes must be made through the merge queue") }
    merge(order.number, by: order.method, as: Self.runName)
    let after = try pullRequest(order.number).shown
    guard after.state == .merged else { throw refused("pull request #\(order.number) is not mergeable") }
    return after
  }

  /// What the reviewer was told to do last; nil: merges after a while.
  private var reviewer: Review? {
    faults.active.reversed().lazy.compactMap { effect, _ -> Review? in
      if case .reviewer(let review) = effect { review } else { nil }
    }.first
  }

  private var usualMethod: MergeMethod { fleet.pullRequest?.mergeMethod ?? .merge }

  /// The reviewer's moment has come.
  mutating func review(_ number: Int) {
    guard let request = forge.request(number), request.shown.state == .open else { return }
    switch reviewer {
    case .neverComes: break
    case .closes: forge.change(number) { $0.shown.state = .closed }
    case .editsAndMerges(_, let service, let version, let method):
      if let known = fleet.service(service),
        let environment = fleet.protectedEnvironments.last ?? fleet.environments.last
      {
        commitForeignTag(
          known,
          environment.name,
          version,
          onBranch: request.shown.branch,
          at: request.shown.head
        )
      }
      schedule(.merge(number, method ?? usualMethod), after: .seconds(1))
    case .merges(_, let method): mergeOnceGreen(number, by: method ?? usualMethod)
    case nil: mergeOnceGreen(number, by: usualMethod)
    }
  }

  /// A reviewer who never came does.
  mutating func reviewWhatIsOpen() {
    for request in forge.requests where request.shown.state == .open && request.approvals.isEmpty {
      scheduleReview(request.shown.number, after: .seconds(600))
    }
  }

  private mutating func mergeOnceGreen(_ number: Int, by method: MergeMethod) {
    guard let request = forge.request(number) else { return }
    if forge.isRed(request.shown.head) {
      forge.change(number) { $0.waitsForGreen = method }
    } else if forge.queue != nil {
      try? enqueue(number, as: Self.reviewerName)
    } else {
      merge(number, by: method, as: Self.reviewerName)
    }
  }

  /// A status changed: a reviewer who waited for it merges a minute later.
  mutating func reviewAgain(after commit: CommitID) {
    guard !forge.isRed(commit) else { return }
    for request in forge.requests where request.shown.head == commit && request.shown.state == .open {
      guard request.waitsForGreen != nil else { continue }
      forge.change(request.shown.number) { $0.waitsForGreen = nil }
      schedule(.review(request.shown.number), after: .seconds(60))
    }
  }

  /// A branch that is no longer there closes its pull request; one that moved, moves it.
  mutating func proposalMoved(_ branch: String, to tip: CommitID?) {
    for request in forge.requests where request.shown.branch == branch && request.shown.state == .open {
      forge.change(request.shown.number) { request in
        if let tip { request.shown.head = tip } else { request.shown.state = .closed }
        // What is queued is what was looked at.
        request.shown.isQueued = false
      }
    }
  }
}
