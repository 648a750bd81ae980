import Testing

@testable import PolluxMedia

@Suite("Only public addresses are fetched from (MM-040)")
struct GuardTests {
    static let hidden: [[UInt8]] = [
        [127, 0, 0, 1], [0, 0, 0, 0], [10, 1, 2, 3], [172, 16, 0, 1], [172, 31, 255, 255], [192, 168, 1, 1],
        [169, 254, 169, 254], [100, 64, 0, 1], [100, 127, 255, 255], [198, 18, 0, 1], [224, 0, 0, 1],
        [255, 255, 255, 255],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 169, 254, 169, 254],
        [0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xFC, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1],
        [0x20, 2, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [1, 2, 3],
    ]

    @Test("Loopback, private, link-local, shared, multicast and mapped addresses are not", arguments: hidden)
    func refuses(address: [UInt8]) { #expect(!PublicAddress.isPublic(address)) }

    @Test(
        "Public ones are",
        arguments: [
            [8, 8, 8, 8], [172, 32, 0, 1], [100, 128, 0, 1],
            [0x2A, 0, 0x14, 0x50, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 8, 8, 8, 8],
        ] as [[UInt8]])
    func allows(address: [UInt8]) { #expect(PublicAddress.isPublic(address)) }

    @Test(
        "What two parsers could read in two ways is no URL",
        arguments: [
            "file:///etc/passwd", "gopher://a/", "http://ok@169.254.169.254/", "http://a\\@b/", "http://a b/",
            "http://",
            "http://%31%32%37.0.0.1/", "http://a:99999/", "http://é.example/", "http://a\u{0}b/", "javascript:alert(1)",
        ])
    func refusesURL(text: String) { #expect(MediaURL(text) == nil) }

    @Test("A URL is host, port and target; its fragment stays behind")
    func url() throws {
        let url = try #require(MediaURL("https://Ex.org:8443/a/b.png?x=1#frag"))
        #expect(url.host == "ex.org")
        #expect(url.port == 8443)
        #expect(url.text == "https://ex.org:8443/a/b.png?x=1")
        #expect(url.redirected(to: "/c")?.text == "https://ex.org:8443/c")
        #expect(url.redirected(to: "//other.org/d")?.text == "https://other.org/d")
        #expect(url.redirected(to: "ftp://x") == nil)
    }

    @Test(
        "A name that leads inside is refused before any packet, with no word about the inside",
        arguments: [
            "http://127.0.0.1:1/", "http://localhost:1/", "http://0/", "http://2130706433/", "http://0x7f.1/",
            "http://[::1]:1/",
        ])
    func fetch(url: String) async throws {
        let results = await MediaFetcher(maximumBytes: 1000, allowsPrivate: false).fetch([url])
        let result = try #require(results[url])
        guard case .failure(let failure) = result else {
            Issue.record("\(url) was fetched")
            return
        }
        #expect(["its address is not allowed", "its host was not found"].contains(failure.message))
    }
}
