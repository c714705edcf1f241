import ArgumentParser
import LiveWorld
import PromotionModel
import RunbookCheck
import RunbookDiagnostics
import RunbookInterpreter

struct SubmitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit",
    abstract: "Gives a run to a cluster: a Kubernetes Job runs it, wherever you go.",
    usage: "slipway submit <file> --image <image> [<options>]\n       slipway submit [<file>] --rbac [<options>]",
    discussion: """
      The runbook is checked first, and goes into a ConfigMap with the configuration and what they import. The run is \
      followed as by `slipway attach`; Ctrl-C leaves it running. --rbac prints the rights that a run needs, and no more.
      Exit status: that of the run; 0 with --detach; 2 when the cluster refused it, 4 when it could not be told.
      """
  )

  @Argument(help: "A runbook.")
  var file: String?

  @OptionGroup var place: JobPlaceOptions

  @Option(
    name: .long,
    help: ArgumentHelp("The container image with slipway, git, kubectl, gh and curl.", valueName: "image")
  )
  var image: String?

  @Option(name: .long, help: ArgumentHelp("Who the run is in the cluster.", valueName: "name"))
  var serviceAccount = "slipway"

  @Option(
    name: .long,
    parsing: .singleValue,
    help: ArgumentHelp(
      "A secret whose keys are the run's variables (GH_TOKEN, webhooks); may be given for each.",
      valueName: "secret"
    )
  )
  var envFrom: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "A secret whose key `config` is a kubeconfig with the configuration's contexts, where they lead to several clusters.",
      valueName: "secret"
    )
  )
  var kubeconfigSecret: String?

  @Option(name: .long, help: ArgumentHelp("After this the cluster ends the run.", valueName: "duration"))
  var limit = "24h"

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var inputOptions: InputOptions
  @OptionGroup var locks: LockOptions
  @OptionGroup var suspension: SuspendOptions
  @OptionGroup var storage: StoreOptions
  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Answer every `confirm` with yes; without it a runbook that asks is refused.")
  var yes = false

  @Flag(name: .long, help: "Do not follow the run.")
  var detach = false

  @Flag(name: .long, help: "Print the objects that would be made, as JSON, and make none.")
  var dryRun = false

  @Flag(name: .long, help: "Print the service account and the roles for this runbook, or for any; makes nothing.")
  var rbac = false

  func run() async throws {
    let host = Host()
    let screen = output.screen(host)
    try await exiting(screen, unforeseen: ExitStatus.refused) {
      let input = Input(host: host, screen: screen)
      let (fleet, configuration) = try input.fleetRequired(configurationOptions.config)
      if rbac { return try printRights(input, fleet) }
      guard let image else { throw input.fail(ExitStatus.usage, "--image names the container image of the run") }
      let source = try input.runbook(file: file, line: nil)
      let checked = try input.checked(source, fleet)
      _ = try input.inputs(inputOptions.set, for: checked)
      _ = try locks.patience(input)
      let asks = checked.body.everyStatement.contains { if case .confirm = $0.action { true } else { false } }
      guard yes || suspension.suspend || !asks else {
        throw input.fail(
          ExitStatus.usage,
          "the runbook asks (`confirm`), and nobody is there to answer in a Job: give --yes, or run it here"
        )
      }
      let id = host.newRunID(at: SystemClock().now())
      let submission = Submission(runbook: checked, source: source, configuration: configuration)
      let job = RunnerJob(
        name: "slipway-\(id)",
        namespace: place.namespace,
        image: image,
        serviceAccount: serviceAccount,
        arguments: submission.arguments(run: id, options: runOptions),
        files: try submission.files(input, isAlone: kubeconfigSecret == nil),
        secrets: envFrom,
        kubeconfigSecret: kubeconfigSecret,
        limit: try duration(limit, input),
        usesGitHubLogin: fleet.repository.url.hasPrefix("https://")
      )
      if dryRun {
        for object in try job.objects() { Screen.write(object + "\n", to: 1) }
        return ExitStatus.ok
      }
      let context = try place.context(of: fleet, input)
      let jobs = RunnerJobs(context: context)
      do {
        try await requireOneCluster(jobs, fleet, host, context, input)
        try await jobs.submit(job)
      } catch {
        await jobs.close()
        throw error
      }
      screen.say(
        "submitted: slipway attach \(job.name)\(place.words) follows it, slipway cancel \(job.name)\(place.words) ends it"
      )
      guard !detach else {
        await jobs.close()
        Screen.write(job.name + "\n", to: 1)
        return ExitStatus.ok
      }
      return try await place.attach(jobs, to: job.name, screen)
    }
  }

  private var runOptions: [String] {
    var options = inputOptions.set.flatMap { ["--set", $0] }
    if let wait = locks.waitLock { options += ["--wait-lock", wait] }
    if storage.store == .git { options += ["--store", "git"] }
    if suspension.suspend { options.append("--suspend") }
    if yes { options.append("--yes") }
    if output.json { options.append("--json") }
    return options
  }

  private func duration(_ text: String, _ input: Input) throws -> Duration {
    guard case .duration(let duration) = RunInputs.value(of: text, as: .duration) else {
      throw input.fail(ExitStatus.usage, "--limit takes a duration such as 24h, not `\(visible(text))`")
    }
    return duration
  }

  /// A Job has one cluster's login; an environment elsewhere must be reached by a kubeconfig that somebody gives it.
  private func requireOneCluster(
    _ jobs: RunnerJobs,
    _ fleet: Fleet,
    _ host: Host,
    _ context: String?,
    _ input: Input
  ) async throws {
    guard kubeconfigSecret == nil else { return }
    let here = try await jobs.cluster()
    var others = Set(fleet.environments.map(\.context) + [fleet.argocd.context ?? context])
    others.remove(context)
    for other in others.sorted(by: { ($0 ?? "") < ($1 ?? "") }) {
      let elsewhere = RunnerJobs(context: other)
      let found: String
      do {
        found = try await elsewhere.cluster()
        await elsewhere.close()
      } catch {
        await elsewhere.close()
        throw error
      }
      guard found == here else {
        throw input.fail(
          ExitStatus.refused,
          "the context \(visible(other ?? "that is current")) leads to another cluster than the Job's: --kubeconfig-secret names the "
            + "secret with a kubeconfig for both"
        )
      }
    }
  }

  private func printRights(_ input: Input, _ fleet: Fleet) throws -> Int32 {
    var needs = Set(ClusterAccess.Need.allCases)
    if let file {
      let checked = try input.checked(try input.runbook(file: file, line: nil), fleet)
      needs = checked.clusterNeeds
    }
    let account = ClusterAccess.Account(name: serviceAccount, namespace: place.namespace)
    Screen.write(ClusterAccess.manifest(for: fleet, needs: needs, account: account, context: place.context), to: 1)
    return ExitStatus.ok
  }
}

extension CheckedRunbook {
  /// What its statements may ask of a cluster, handlers and procedures included.
  var clusterNeeds: Set<ClusterAccess.Need> {
    Set(body.everyStatement.flatMap { Self.needs(of: $0.action) })
  }

  private static func needs(of action: Action) -> [ClusterAccess.Need] {
    switch action {
    case .rollback(let rollback) where rollback.writesToTheCluster: [.delivery, .workloads]
    case .restart: [.delivery, .workloads]
    case .promote, .waitArrival, .monitor, .verify, .rollback, .reconcile, .sync, .merge, .waitMerge: [.delivery]
    case .diagnose: [.diagnosis]
    case .validate, .waitTime, .waitUntil, .announce, .freeze, .thaw, .confirm, .require, .run, .show, .bind, .branch,
      .loop, .retry, .within, .call, .stop, .fail:
      []
    }
  }
}

extension RollbackAction {
  /// Whether it may set workloads themselves back, and not git alone.
  fileprivate var writesToTheCluster: Bool {
    if case .undo = way { return true }
    return otherwiseUndo
  }
}
