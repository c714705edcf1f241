import PromotionModel

/// Something that serves the Kubernetes API on a unix socket.
protocol KubernetesEndpoint: Sendable {
  /// Where it can be reached now; started if it was not there.
  func socketPath() async throws -> String
  /// Called when a request over `path` ran into its timeout: the endpoint may look whether it is alive.
  func answeredNothing(at path: String) async
  /// Ends what serves it.
  func close() async
}

/// One `kubectl proxy` for one context of the user's kubeconfig: it brings every kind of login with it.
///
/// Started when it is first needed, started again when it died, and gone with this process.
actor KubectlProxy: KubernetesEndpoint {
  private let context: String?
  private let isReadOnly: Bool
  private let programs: any ProgramRunner
  private let clock: any WorldClock
  private let kubectl: String

  private struct Serving {
    var directory: SocketDirectory
    var program: Task<Void, Never>
    var since: Timestamp
  }
  private var serving: Serving?
  private var starting: Task<SocketDirectory, any Error>?
  private var isClosed = false
  /// A program may have listened and died before its start was noticed.
  private var lastEnded: ObjectIdentifier?
  /// The last failure to start, and until when it stands for further ones, so that callers who try again and again do
  /// not start program after program.
  private var refusal: (error: any Error, until: Timestamp, wait: Duration)?

  private static let startTimeout = Duration.seconds(20)
  private static let longestWait = Duration.seconds(10)

  /// - Parameter isReadOnly: the proxy itself refuses every method but GET.
  init(
    context: String?,
    isReadOnly: Bool,
    programs: any ProgramRunner,
    clock: any WorldClock,
    kubectl: String = "kubectl"
  ) {
    (self.context, self.isReadOnly, self.programs) = (context, isReadOnly, programs)
    (self.clock, self.kubectl) = (clock, kubectl)
  }

  func socketPath() async throws -> String {
    guard !isClosed else {
      throw WorldError(tool: "kubectl", reason: .refused, message: "the connection to the cluster was closed")
    }
    if let serving { return serving.directory.socket }
    if let refusal, clock.now() < refusal.until { throw refusal.error }
    let task = starting ?? Task { try await start() }
    starting = task
    return try await task.value.socket
  }

  /// Ends the program and waits until it is gone.
  func close() async {
    isClosed = true
    // One that does not come up is not waited for: it may be asking for a login.
    starting?.cancel()
    _ = try? await starting?.value
    let program = serving?.program
    program?.cancel()
    await program?.value
  }

  func answeredNothing(at path: String) async {
    guard let serving, serving.directory.socket == path else { return }
    if await KubernetesConnection.isServed(path, within: .seconds(2)) { return }
    // It hangs: end it, and the next request starts another.
    if self.serving?.directory === serving.directory { self.serving = nil }
    serving.program.cancel()
  }

  // MARK: Starting

  private func start() async throws -> SocketDirectory {
    defer { starting = nil }
    do {
      return try await launch()
    } catch {
      refuse(because: error)
      throw error
    }
  }

  /// Until a while from now, longer each time, nothing is started.
  private func refuse(because error: any Error) {
    let wait = min(Self.longestWait, (refusal?.wait ?? .milliseconds(125)) * 2)
    refusal = (error, clock.now() + wait, wait)
  }

  private func launch() async throws -> SocketDirectory {
    let directory = try SocketDirectory()
    let (states, report) = AsyncStream.makeStream(
      of: Result<Void, WorldError>.self,
      bufferingPolicy: .bufferingOldest(2)
    )
    let call = ProgramCall(
      "sh",
      Self.arguments(kubectl: kubectl, context: context, isReadOnly: isReadOnly, directory: directory),
      timeout: nil,
      tool: "kubectl",
      onOutput: { bytes in
        // It says so once it listens: "Starting to serve on …".
        if String(decoding: bytes, as: UTF8.self).contains("Starting to serve") { report.yield(.success(())) }
      }
    )
    let programs = programs
    let program = Task {
      let failure: WorldError
      do {
        failure = Self.failure(try await programs.run(call), context: context)
      } catch {
        failure = error as? WorldError ?? Self.ended
      }
      report.yield(.failure(failure))
      report.finish()
      forget(directory)
    }
    do {
      try await within(Self.startTimeout) {
        for await state in states { return try state.get() }
        throw Self.ended
      }
    } catch {
      program.cancel()
      await program.value
      throw error
    }
    guard lastEnded != ObjectIdentifier(directory) else { throw Self.ended }
    serving = Serving(directory: directory, program: program, since: clock.now())
    return directory
  }

  private func forget(_ directory: SocketDirectory) {
    lastEnded = ObjectIdentifier(directory)
    guard let serving, serving.directory === directory else { return }
    self.serving = nil
    // What dies as soon as it serves is as bad as what does not start.
    if clock.now() - serving.since < .seconds(1) { refuse(because: Self.ended) } else { refusal = nil }
  }

  private func within(_ limit: Duration, _ body: @escaping @Sendable () async throws -> Void) async throws {
    let clock = clock
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(operation: body)
      group.addTask {
        try await clock.sleep(for: limit)
        throw WorldError(
          tool: "kubectl",
          reason: .timedOut,
          message: "kubectl proxy did not start within \(limit.runbookText)",
          advice: "Try kubectl version by hand: a login may be waiting for an answer"
        )
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Go's expressions know no "all but", so it is spelled out: everything that is not the word GET.
  static let rejectsAllButGet = "--reject-methods=^([^G].*|G|G[^E].*|GE|GE[^T].*|GET.+)?$"

  /// kubectl, and beside it a child that waits for our end and then ends the whole process group. The script is fixed
  /// and every value is an argument of its own, so nothing of them is read by the shell.
  static func arguments(kubectl: String, context: String?, isReadOnly: Bool, directory: SocketDirectory) -> [String] {
    let script = #"(read -r _ <"$1/alive"; rm -f -- "$1/s" "$1/alive"; rmdir -- "$1"; kill -TERM 0) >/dev/null 2>&1 & "#
    var arguments = ["-c", script + #"shift; exec "$@""#, "sh", directory.path]
    arguments += [kubectl, "proxy", "--unix-socket=\(directory.socket)"]
    if let context { arguments.append("--context=\(context)") }
    if isReadOnly { arguments.append(rejectsAllButGet) }
    return arguments
  }

  private static let ended = WorldError(tool: "kubectl", reason: .unreachable, message: "kubectl proxy ended")

  static func failure(_ result: ProgramResult, context: String?) -> WorldError {
    let said = LocalPrograms.sanitize(Array(result.stderr.suffix(2000)), limit: 300)
    if result.status == 127 {
      return WorldError(
        tool: "kubectl",
        reason: .missing,
        message: "there is no program kubectl in PATH",
        advice: "Install it (https://kubernetes.io/docs/tasks/tools/) or put it in PATH"
      )
    }
    if said.contains("does not exist"), said.contains("context") {
      return WorldError(
        tool: "kubectl",
        reason: .notFound,
        message: said,
        advice: "kubectl config get-contexts lists what there is; slipway.yaml names the context of an environment"
      )
    }
    if said.contains("invalid configuration") || said.contains("kubeconfig") || said.contains("loading config file") {
      return WorldError(
        tool: "kubectl",
        reason: .refused,
        message: said,
        advice: "KUBECONFIG, or ~/.kube/config, must name a configuration that kubectl config view can read"
      )
    }
    return WorldError(
      tool: "kubectl",
      reason: .unreachable,
      message: "kubectl proxy ended with status \(result.status)\(said.isEmpty ? "" : ": \(said)")"
    )
  }
}
