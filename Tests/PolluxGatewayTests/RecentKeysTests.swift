import Crypto
import PolluxConfiguration
import PolluxOpenAIWire
import Testing

@testable import PolluxGateway

@Suite("Keys that were shown lately")
struct RecentKeysTests {
    private static let texts = ["sk-00-0123456789", "sk-01-0123456789"]
    private static let configuration = """
        auth:
          mode: gateway
          keys:
            - {name: first, sha256: 6bf8272713b01e17875e778b318cff4c80f015597c302ef9ef327c77efd7b822}
            - {name: second, sha256: 0a3e5385ffe5b1d880ef69a65b255b3dfe5323df2d65d5bc54f9011700648995}
            - {name: long, sha256: 17b16d8ef494060fefa36a6a41567b8c32d213a17e02b7eeae86158cc4495461}
        backends: [{name: g, kind: gemini-api, credentials: {type: api_key, key: k}}]
        """

    private func keys(_ text: String = Self.configuration) throws -> RecentKeys {
        RecentKeys(KeyDirectory(try Configuration.load(text: text).configuration.auth).ring)
    }

    @Test("A text leads to its key, the first time and every other time (AUTH-005)")
    func found() throws {
        var keys = try keys()
        for _ in 0..<3 {
            #expect(Self.texts.map { keys.find($0)?.name } == ["first", "second"])
            #expect(keys.find(String(repeating: "k", count: 300))?.name == "long")
        }
    }

    @Test("What differs in one byte, or is shorter or longer, is no key, also after the right one")
    func wrong() throws {
        var keys = try keys()
        let right = Self.texts[0]
        #expect(keys.find(right) != nil)
        for place in right.indices {
            var text = right
            text.replaceSubrange(place...place, with: "x")
            #expect(keys.find(text) == nil)
        }
        for text in ["", String(right.dropLast()), String(right.dropFirst()), right + "0", " " + right] {
            #expect(keys.find(text) == nil)
        }
    }

    @Test("Another ring knows nothing of the texts of before")
    func revoked() throws {
        var before = try keys()
        #expect(before.find(Self.texts[1]) != nil)
        var after = try keys(
            Self.configuration.replacing(
                "0a3e5385ffe5b1d880ef69a65b255b3dfe5323df2d65d5bc54f9011700648995",
                with: "7e670bd60e965184281f615beb67371afabf4609d78af0bee4c90ef3e6156d04"))
        #expect(after.find(Self.texts[1]) == nil)
        #expect(after.find("sk-02-0123456789")?.name == "second")
    }

    @Test("More keys than there are places are all found")
    func many() throws {
        let count = RecentKeys.maximumPlaces * 3
        let directory = KeyDirectory(try Configuration.load(text: Self.configuration).configuration.auth)
        directory.store(
            (0..<count).map {
                ClientKey.Definition(name: "\($0)", digest: Array(SHA256.hash(data: Array("sk-\($0)".utf8))))
            })
        var keys = RecentKeys(directory.ring)
        for _ in 0..<2 {
            #expect((0..<count).allSatisfy { keys.find("sk-\($0)")?.name == "\($0)" })
        }
    }

    @Test(
        "Tags are those of SipHash-2-4 with 128 bits, as its reference implementation has them",
        arguments: [
            (0, [0xE6A8_25BA_047F_81A3, 0x9302_55C7_1472_F66D]), (1, [0x44AF_996B_D8C1_87DA, 0x45FC_229B_1159_7634]),
            (8, [0x61F5_5862_BAA9_623B, 0xB497_14F3_64E2_830F]), (15, [0x11A8_B033_99E9_9354, 0xD9C3_CF97_0FEC_087E]),
            (53, [0x94CA_6B7A_2214_C892, 0x9ED3_2A00_9F65_F09F]),
        ] as [(UInt8, [UInt64])])
    func tags(count: UInt8, expected: [UInt64]) {
        let tagger = KeyTagger(secret: (0x0706_0504_0302_0100, 0x0F0E_0D0C_0B0A_0908))
        #expect(tagger.tag(Array(0..<count).span) == KeyTag(first: expected[0], second: expected[1]))
    }

    @Test("Nothing that can be printed shows a text")
    func hidden() throws {
        var keys = try keys()
        #expect(keys.find(Self.texts[0]) != nil)
        var text = ""
        dump(keys, to: &text)
        #expect(!text.contains(Self.texts[0]) && !"\(keys)".contains(Self.texts[0]))
    }

    @Test("The scheme's letters may be of any case, and more than one space may follow (AUTH-004)")
    func schemes() throws {
        let authentication = ClientAuthentication(try Configuration.load(text: Self.configuration).configuration.auth)
        var keys = try keys()
        for scheme in ["Bearer ", "bearer ", "BEARER   "] {
            let request = ClientRequest(
                method: "POST", target: "/", headers: [("authorization", scheme + Self.texts[0])])
            #expect(try authentication.identify(request, keys: &keys, now: 0).name == "first")
        }
        for value in ["Bearer", "Bearer ", "Bearer    ", "Basic \(Self.texts[0])", Self.texts[0]] {
            let request = ClientRequest(method: "POST", target: "/", headers: [("authorization", value)])
            #expect(throws: APIError.self) { try authentication.identify(request, keys: &keys, now: 0) }
        }
    }
}
