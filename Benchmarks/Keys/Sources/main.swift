// What it costs to know a client by its key: the header found, the key looked up among 4096, its end looked at.
//
//     swift run -c release --static-swift-stdlib keys-benchmark
//
//     one key         always the same one
//     4096 in turn    each was shown on this event loop before
//     first time      none was, since the keys were read: their SHA-256 is taken

import Crypto
import PolluxConfiguration
import PolluxGateway

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

let configuration = try Configuration.load(
    text: """
        auth: {mode: gateway}
        store: {path: none.db}
        backends: [{name: g, kind: gemini-api, credentials: {type: api_key, key: k}}]
        """
).configuration
let texts = (0..<4096).map { "sk-pollux-" + String(repeating: "k", count: 39) + String($0 + 1000) }
let directory = KeyDirectory(configuration.auth, hasStore: true)
directory.store(
    texts.enumerated().map { index, text in
        ClientKey.Definition(name: "key-\(index)", digest: Array(SHA256.hash(data: Array(text.utf8))))
    })
let requests = texts.map { text in
    ClientRequest(
        method: "POST", target: "/v1/chat/completions",
        headers: [("content-type", "application/json"), ("authorization", "Bearer " + text)])
}
let authentication = ClientAuthentication(configuration.auth)

/// Prints the least CPU time that one check took in some rounds.
@MainActor func measure(_ name: String, _ requests: [ClientRequest], startsAnew: Bool = false) throws {
    var keys = RecentKeys(directory.ring)
    var best = Int.max
    for _ in 0..<25 {
        if startsAnew { keys = RecentKeys(directory.ring) }
        let start = clock()
        for request in requests { _ = try authentication.identify(request, keys: &keys, now: 1_800_000_000) }
        best = min(best, clock() - start)
    }
    print(name, best * 1_000_000_000 / Int(CLOCKS_PER_SEC) / requests.count, "ns")
}

try measure("one key     ", Array(repeating: requests[7], count: 4096))
try measure("4096 in turn", requests)
try measure("first time  ", requests, startsAnew: true)
