import ArgumentParser
import FleetConfiguration
import LiveWorld
import PromotionModel
import RunbookDiagnostics

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct InitCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Reads a GitOps repository, and the clusters that kubectl reaches, and writes slipway.yaml.",
    usage: "slipway init [<repository>] [--offline] [--force] [<options>]",
    discussion: """
      It finds out which files carry versions, which services and environments there are, how tags are spelled, and, from \
      Argo CD's Applications, contexts, namespaces and clusters. What could not be told stands in the file as a comment. \
      A file that is there is never overwritten without --force. Nothing else is changed, anywhere. Exit status: 0 when a \
      configuration was written, 1 when the repository's layout was not understood, 4 when it could not be read.
      """
  )

  @Argument(help: "The repository: an URL or a path; by default the `origin` of the clone that one stands in.")
  var repository: String?

  @Option(name: .long, help: "The branch that Argo CD follows; by default the repository's main one.")
  var branch: String?

  @Option(name: .long, help: ArgumentHelp("Where to write; - is standard output.", valueName: "file"))
  var output = "slipway.yaml"

  @Flag(name: .long, help: "Write over a file that is there.")
  var force = false

  @Flag(name: .long, help: "Ask no cluster: what only a cluster tells stays a comment.")
  var offline = false

  @Flag(inversion: .prefixedNo, help: "Use colour or none, whatever NO_COLOR and the terminal say.")
  var color: Bool?

  func run() async throws {
    let host = Host()
    let screen = Screen(host: host, color: color)
    try await exiting(screen, unforeseen: ExitStatus.undetermined) {
      let input = Input(host: host, screen: screen)
      if output != "-", !force, access(output, F_OK) == 0 {
        throw input.fail(ExitStatus.usage, "\(visible(output)) is there already; --force writes over it")
      }
      let url = try await url(input)
      let survey = try await RepositorySurvey.read(url, branch: branch, host: host)
      guard let proposal = FleetProposal(survey, url: url) else {
        throw input.fail(ExitStatus.failed, FleetProposal.notUnderstood(files: survey.files.count, url: url))
      }
      let draft = offline ? proposal.draft(clusters: nil) : await proposal.draft(clusters: Self.clusters(screen))
      let text = draft.text
      let (fleet, findings) = FleetConfiguration.load(SourceText(name: output, text: text))
      guard fleet != nil else {
        screen.show(findings.map { LocatedDiagnostic($0, in: SourceText(name: output, text: text)) })
        throw input.fail(ExitStatus.failed, "what was found makes no whole configuration; it was not written")
      }
      if output == "-" {
        Screen.write(text, to: 1)
      } else {
        try write(text, input)
        screen.say("\(visible(output)): \(proposal.summary)")
      }
      let doubts = draft.doubtCount
      if doubts > 0 {
        screen.say("\(doubts) things could not be told: look for `could not tell` in it. Then: slipway doctor")
      }
      return ExitStatus.ok
    }
  }

  private func url(_ input: Input) async throws -> String {
    if let repository { return FleetProposal.withoutLogin(repository) }
    guard let origin = try await RepositorySurvey.origin() else {
      throw input.fail(ExitStatus.usage, "name the GitOps repository: here is no clone with an `origin`")
    }
    return FleetProposal.withoutLogin(origin)
  }

  /// What can be read of clusters now; a cluster that cannot be is left out, and the file says what is missing.
  private static func clusters(_ screen: Screen) async -> FleetProposal.Clusters? {
    do {
      let survey = try await ClusterSurvey.read()
      var found = FleetProposal.Clusters(contexts: survey.contexts, current: survey.current, known: [])
      // Each may hang until its own time is over, so they are asked at once.
      found.known = await withTaskGroup(of: ClusterSurvey.Cluster?.self) { group in
        for context in survey.contexts.prefix(12) {
          group.addTask {
            do {
              return try await survey.look(context)
            } catch {
              screen.say("slipway: \(visible(context)) could not be read: \(visible("\(error)"))")
              return nil
            }
          }
        }
        var clusters: [ClusterSurvey.Cluster] = []
        for await cluster in group { if let cluster { clusters.append(cluster) } }
        return clusters.sorted { $0.context < $1.context }
      }
      await survey.close()
      return found
    } catch {
      screen.say("slipway: no cluster was read: \(visible("\(error)"))")
      return nil
    }
  }

  private func write(_ text: String, _ input: Input) throws {
    let made = force ? output + ".new" : output
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL)
    let descriptor = open(made, flags, 0o644)
    guard descriptor >= 0 else { throw unwritable(input) }
    let isWhole = Screen.write(Array(text.utf8), to: descriptor)
    guard close(descriptor) == 0, isWhole, !force || rename(made, output) == 0 else {
      let error = unwritable(input)
      unlink(made)
      throw error
    }
  }

  private func unwritable(_ input: Input) -> EarlyExit {
    input.fail(ExitStatus.failed, "\(visible(output)) cannot be written: \(String(cString: strerror(errno)))")
  }
}
