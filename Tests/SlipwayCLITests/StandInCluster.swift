/// Programs that a test puts in a real tool's place, to reach what comes after it without a server.
enum StandInCluster {
  /// A `kubectl` whose `proxy` answers as the API server of an empty cluster would. In Perl, which git brings along.
  static let kubectl = #"""
    #!/usr/bin/perl
    use strict;
    use warnings;
    use IO::Socket::UNIX;
    my ($path) = map { /^--unix-socket=(.*)$/s ? $1 : () } @ARGV;
    my $server = IO::Socket::UNIX->new(Local => $path, Listen => 64) or die "cannot listen: $!";
    $SIG{CHLD} = 'IGNORE';
    $| = 1;
    print "Starting to serve on $path\n";
    while (1) {
      my $client = $server->accept or next;
      next if fork;
      while (defined(my $request = <$client>)) {
        while (defined(my $header = <$client>)) { last if $header =~ /^\r?\n$/ }
        my $body = $request =~ m{/namespaces/kube-system}
          ? '{"metadata":{"name":"kube-system","uid":"5f1c7a52-0000-4000-8000-000000000001"}}'
          : '{"metadata":{"resourceVersion":"1"},"items":[]}';
        print $client "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
          "Content-Length: ", length($body), "\r\n\r\n", $body;
        $client->flush;
      }
      exit 0;
    }
    """#
}
