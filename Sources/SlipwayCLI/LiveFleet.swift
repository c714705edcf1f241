import LiveWorld
import PromotionModel
import Rehearsal
import RunbookDiagnostics
import SimulatedWorld

/// The fleet as the real world has it now, read and not touched.
struct LiveFleet {
  let host: Host
  let screen: Screen
  let fleet: Fleet

  /// - Throws: ``EarlyExit`` when it could not be read whole; what was missing was said.
  func read() async throws -> FleetDescription {
    let live = LiveReading(fleet: fleet, host: host)
    let screen = screen
    do {
      let description = try await FleetRecorder(reading: live.reading, fleet: fleet).record { line in
        if screen.isTerminal { screen.say(line) }
      }
      await live.close()
      return description
    } catch let error as WorldError {
      await live.close()
      screen.say(
        "slipway: the real world could not be read, so nothing can be said about a run there: \(visible("\(error)"))"
      )
      throw EarlyExit(status: ExitStatus.undetermined)
    } catch {
      await live.close()
      throw error
    }
  }
}
