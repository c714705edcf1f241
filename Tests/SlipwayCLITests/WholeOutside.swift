import FoundationEssentials

/// All programs that a run needs, on a `PATH` of a test's own: git and curl are real, kubectl and gh stand-ins that answer as
/// a cluster and a forge in which everything is in order.
enum WholeOutside {
  /// A `kubectl` whose proxy is the API server of a cluster in which all Applications are there; it answers questions for
  /// rights with no for what `DENIED` names.
  private static let proxy = #"""
    #!/usr/bin/perl
    use strict;
    use warnings;
    use IO::Socket::UNIX;
    use POSIX qw(strftime);
    my ($path) = map { /^--unix-socket=(.*)$/s ? $1 : () } @ARGV;
    my $server = IO::Socket::UNIX->new(Local => $path, Listen => 64) or die "cannot listen: $!";
    $SIG{CHLD} = 'IGNORE';
    $| = 1;
    print "Starting to serve on $path\n";
    my $denied = $ENV{DENIED} // "nothing";
    my @items;
    for my $place ("staging", "production") {
      for my $service ("api", "project-management") {
        push @items, qq({"metadata":{"name":"$service-$place","uid":"$service-$place"},"spec":{"destination":)
          . qq({"server":"https://kubernetes.default.svc","namespace":"$place"}}});
      }
    }
    my $applications = '{"metadata":{"resourceVersion":"1"},"items":[' . join(",", @items) . ']}';
    while (1) {
      my $client = $server->accept or next;
      next if fork;
      while (defined(my $request = <$client>)) {
        my $length = 0;
        while (defined(my $header = <$client>)) {
          $length = $1 if $header =~ /^content-length: *(\d+)/i;
          last if $header =~ /^\r?\n$/;
        }
        my $sent = "";
        read($client, $sent, $length) if $length;
        my $body = $request =~ m{/namespaces/kube-system}
          ? '{"metadata":{"name":"kube-system","uid":"5f1c7a52-0000-4000-8000-000000000001"}}'
          : $request =~ m{selfsubjectaccessreviews}
          ? ($sent =~ /"resource":"$denied"/ ? '{"status":{"allowed":false}}' : '{"status":{"allowed":true}}')
          : $request =~ m{/applications} ? $applications : '{"metadata":{"resourceVersion":"1"},"items":[]}';
        my $date = strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime(time - ($ENV{SKEW} // 0)));
        print $client "HTTP/1.1 200 OK\r\nDate: $date\r\nContent-Type: application/json\r\n",
          "Content-Length: ", length($body), "\r\n\r\n", $body;
        $client->flush;
      }
      exit 0;
    }
    """#

  static let gh = """
    #!/bin/sh
    if [ "$1" = --version ]; then echo "gh version 2.40.1 (2023-12-13)"; exit 0; fi
    echo '{"archived":false,"permissions":{"push":true},"allow_merge_commit":true}'
    """

  static func equip(_ folder: PrivateFolder) throws {
    for name in ["sh", "rm", "rmdir"] { try folder.link(name, to: "/bin/\(name)") }
    for name in ["git", "curl"] { try folder.link(name, to: try RunTests.which(name)) }
    try folder.program("kubectl-proxy", proxy)
    try folder.program(
      "kubectl",
      """
      #!/bin/sh
      case "$1 $2" in
        "version --client") echo '{"clientVersion":{"gitVersion":"v1.30.2"}}'; exit 0;;
        "config get-contexts") printf 'staging\\nproduction\\n'; exit 0;;
        "config current-context") echo staging; exit 0;;
      esac
      exec kubectl-proxy "$@"
      """
    )
    try folder.program("gh", gh)
  }
}
