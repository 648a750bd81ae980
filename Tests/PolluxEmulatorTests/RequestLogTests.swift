import Testing

@testable import PolluxEmulator

@Suite("Emulator: the request log")
struct RequestLogTests {
    @Test("It tells what came, and what became of it")
    func entries() {
        let emulator = Talking()
        _ = emulator.ask(.vertex, says("hello"))
        _ = emulator.ask(.developer, #"{"foo":1}"#)
        let log = emulator.ask("GET", "/emulator/requests")
        #expect(log["count"] == "2")
        #expect(log["requests.0.model"] == "gemini-2.5-flash")
        #expect(log["requests.0.region"] == "l")
        #expect(log["requests.0.project"] == "p")
        #expect(log["requests.0.operation"] == "generateContent")
        #expect(log["requests.0.body.contents.0.parts.0.text"] == "hello")
        #expect(log["requests.0.status"] == "200")
        #expect(log["requests.1.status"] == "400")
        #expect(log["requests.1.service"] == "developer")
        #expect(emulator.ask("GET", "/emulator/requests?since=1")["requests.0.number"] == "2")
        _ = emulator.ask("DELETE", "/emulator/requests")
        #expect(emulator.ask("GET", "/emulator/requests").text == #"{"requests":[],"count":0}"#)
    }

    @Test("No credential is in it, wherever it stood")
    func secrets() {
        let emulator = Talking()
        let tool = #""tools":[{"exaAiSearch":{"apiKey":"SECRET"}}]"#
        _ = emulator.ask("POST", Asking.vertex.path, says("a", tool), authorization: "Bearer SECRET")
        _ = emulator.ask("POST", Asking.developer.path + "?key=SECRET&alt=sse", says("a"))
        _ = emulator.ask("POST", "/token", "grant_type=refresh_token&refresh_token=SECRET&client_secret=SECRET")
        let log = emulator.ask("GET", "/emulator/requests")
        #expect(!log.text.contains("SECRET"))
        #expect(log["requests.0.credential"] == "bearer")
        #expect(log["requests.1.credential"] == "key")
        #expect(log["requests.1.target"]?.hasSuffix("?alt=sse") == true)
        #expect(LoggedRequest.shows("User-Agent"))
        for name in ["Authorization", "x-goog-api-key", "Cookie", "Proxy-Authorization", "api-key"] {
            #expect(!LoggedRequest.shows(name))
        }
    }

    @Test("The oldest entries give way")
    func bounds() {
        let emulator = Talking()
        for _ in 0..<RequestLog.maximumEntries * 2 + 10 { _ = emulator.ask("GET", "/v1beta/models", key: "k") }
        let (entries, count) = emulator.state.log.entries()
        #expect(count == RequestLog.maximumEntries * 2 + 10)
        #expect(entries.count == RequestLog.maximumEntries)
        #expect(entries.last?.number == count)
        let long = says(String(repeating: "x", count: RequestLog.maximumBodyBytes))
        for _ in 0..<200 { _ = emulator.ask(.developer, long) }
        #expect(emulator.state.log.entries().entries.reduce(0) { $0 + $1.byteCount } <= RequestLog.maximumBytes)
    }
}
