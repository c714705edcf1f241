import PromotionModel
import RunbookCheck
import SimulatedWorld
import Testing

@testable import RunbookREPL

@Suite("Prompt: its commands")
struct CommandTests {
  @Test("help says how a statement is written, for each")
  func help() async throws {
    let session = try await PromptSession([":help", ":help rollback", "help wait", ":help rolback", ":help save"])
    #expect(session.text.contains("  rollback") && session.text.contains(":timeline [FILE]"))
    #expect(session.text.contains("[by commit]") && session.text.contains("did you mean `rollback`?"))
    #expect(session.text.contains("writes what was done as a runbook"))
  }

  @Test("every command has its usage, and an unknown one the nearest")
  func unknown() async throws {
    let session = try await PromptSession([":explian SW3001", ":explain SW3001", ":explain sw9999"])
    #expect(session.text.contains("There is no command :explian; did you mean :explain?"))
    #expect(session.text.contains("SW3001  ") && session.text.contains("There is no code `sw9999`"))
    for command in PromptCommand.allCases {
      #expect(command.usage.contains(command.rawValue) && !command.summary.isEmpty)
    }
  }

  @Test("status shows each service in each environment, or those that are named")
  func status() async throws {
    let all = try await PromptSession(["status"]).text
    #expect(all.contains("production   api                 api-v1.2.2") && all.contains("all well"))
    let some = try await PromptSession(["status production api, web"]).text
    #expect(some.contains("web-v5.0.0") && !some.contains("staging") && !some.contains("project-management"))
    #expect(try await PromptSession(["status prodution"]).text.contains("did you mean `production`"))
  }

  @Test("status says what needs a look")
  func unwell() async throws {
    let crash = ImageFault(
      ServiceName("api"),
      in: EnvironmentName("production"),
      versions: .any,
      .crashes(after: .seconds(9))
    )
    let fault = Fault(.image(crash))
    let text = try await PromptSession(["wait 5m", "status production"], faults: [fault]).text
    #expect(text.contains("CrashLoopBackOff") && text.contains("need a look"), "\(text)")
  }

  @Test("a file is played statement by statement, up to the first that goes wrong")
  func load() async throws {
    let files = MemoryFiles([
      "a.runbook": "show versions api\nrequire false\nshow status\n", "b.runbook": "shw status\n",
    ])
    let session = try await PromptSession([":load a.runbook", ":load b.runbook", ":load c.runbook"], files: files)
    #expect(session.text.contains("SERVICE") && !session.text.contains("READY"), "\(session.text)")
    #expect(session.text.contains("a.runbook: stopped here") && session.text.contains("unknown statement `shw`"))
    #expect(session.text.contains("c.runbook cannot be read"))
  }

  @Test("only what looks is watched")
  func watch() async throws {
    let session = try await PromptSession([
      "watch promote api by commit", "watch", "watch wait 5m", "watch status nowhere",
    ])
    #expect(session.text.contains("`watch` repeats what looks") && session.text.contains("Write watch STATEMENT"))
  }

  @Test("a dry run tells what would be written")
  func dryRun() async throws {
    let session = try await PromptSession(["rollback api to v1.2.1"], as: .dryRun)
    #expect(session.text.contains("would write") && session.text.contains("rollback(api): revert production"))
    #expect(session.console.current.questions.isEmpty)
  }

  @Test("the language can be looked into")
  func debug() async throws {
    let session = try await PromptSession([
      ":debug tokens wait 5m", ":debug tree wait 5m", ":debug plan wait 5m", ":debug",
    ])
    #expect(session.text.contains("1:6 duration 5m") && session.text.contains("wait"))
    #expect(session.text.contains("Write :debug tokens STATEMENT"))
  }

  @Test("the world is said, and one that is not there is refused")
  func world() async throws {
    let session = try await PromptSession([
      ":world", ":world live", ":world mars", ":set pace=fast", ":set pace=10", ":set x",
    ])
    #expect(session.text.contains("This is a rehearsal") && session.text.contains("No live world: this is a test."))
    #expect(session.text.contains("There is no world `mars`: rehearsal, dry-run, live."))
    #expect(session.text.contains("A pace is a number above 0") && session.text.contains("Write :set NAME=VALUE."))
  }

  @Test("the prompt says which world it is")
  func prompts() async throws {
    #expect(try await PromptSession(["show versions"]).console.current.prompts.first == "rehearsal ▸ ")
    #expect(try await PromptSession([], as: .live).console.current.prompts == ["LIVE production ▸ "])
    #expect(try await PromptSession([], as: .dryRun).console.current.prompts == ["dry-run production ▸ "])
    let danger = Prompt(text: "LIVE production ▸ ", tone: .danger)
    #expect(danger.drawn(hasColor: true, marker: "|") == "|\u{1B}[1;31m|LIVE production ▸ |\u{1B}[0m|")
    #expect(danger.drawn(hasColor: false, marker: "|") == danger.text)
  }

  @Test("off a terminal the first thing that goes wrong ends the session, with the exit status of a run")
  func stream() async throws {
    for (lines, status) in [
      (["validate staging api", "show versions"], Int32(0)), (["require false", "show versions"], 2),
      (["fail \"x\"", "show versions"], 1), (["shw versions", "show versions"], 65), ([":help nothing"], 64),
      (["for s in api {", "show versions s", "}"], 0), (["for s in api {"], 65), (["stop \"x\""], 0),
      (["validate staging api; promote api by commit"], 4),
    ] {
      let session = try await PromptSession(lines, isTerminal: false)
      #expect(session.status == status, "\(lines): \(session.text)")
      if status != 0, lines.count > 1 { #expect(!session.text.contains("SERVICE")) }
    }
  }

  @Test("Ctrl-C at the prompt stays; twice within a second asks; Ctrl-D leaves")
  func leaving() async throws {
    let stays = ScriptedConsole(typed: [.interrupted, .text("show versions"), .end])
    #expect(try await PromptSession(stays).text.contains("SERVICE"))
    let leaves = ScriptedConsole(typed: [.interrupted, .interrupted, .text("show versions")], answers: [.text("y")])
    #expect(try await !PromptSession(leaves).text.contains("SERVICE"))
    let ended = ScriptedConsole(typed: [.terminated, .text("show versions")])
    #expect(try await PromptSession(ended).status == 143)
    let block = ScriptedConsole(typed: [.text("for s in api {"), .interrupted, .text("show versions")])
    #expect(try await PromptSession(block).text.contains("The block was not run."))
  }
}
