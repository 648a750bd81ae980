import PolluxJSON
import PolluxOpenAIWire
import Testing

/// JSON lets any letter of a name be written as an escape; few clients do.
@Suite("Names with escapes in them")
struct EscapedNameTests {
    @Test("Members of messages are found however their names are written (GEN-002)")
    func members() throws {
        let bytes = Array(#"{"rol\u0065":"user","\u0063ontent":"Hi","extra\u005fcontent":{},"\u0078":1}"#.utf8)
        var tape = JSONTape()
        try tape.parse(bytes.span)
        let json = tape.document(of: bytes.span)
        let message = ChatObject(.root, of: json)
        #expect(message[.role].map { json.string($0) } == "user")
        #expect(message[.content].map { json.string($0) } == "Hi")
        #expect(message[.name] == nil)
        #expect(message.hasExtensions)
    }
}
