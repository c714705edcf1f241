import FuzzTarget

// `--dictionary` prints the words of the language for libFuzzer; everything else goes to libFuzzer itself.
if CommandLine.arguments.dropFirst().first == "--dictionary" {
  print(dictionary())
} else {
  runFuzzer()
}
