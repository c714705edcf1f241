import SlipwayCLI

@main
enum Main {
  static func main() async { await Slipway.main() }
}
