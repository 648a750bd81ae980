import FoundationEssentials
import PolluxJSON

/// One upstream call of a cassette that can be answered again.
public struct RecordedCall: Sendable {
    /// `FILE, call 0`, for messages.
    public let name: String
    public let contents: ContentPolicy
    public let call: Cassette.Call

    /// The address without scheme and host: these change between the recording and its replay.
    var target: String {
        guard let scheme = call.request.url.firstRange(of: "://") else { return call.request.url }
        let rest = call.request.url[scheme.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
    }

    /// The request's body, when it is JSON.
    var body: JSONValue? {
        if case .json(let value)? = call.request.body.first?.content { value } else { nil }
    }

    /// Reads all cassettes of a folder, in the order of their names, which is the order of their times.
    ///
    /// - Throws: an error that names the file.
    public static func read(folder: String) throws -> [RecordedCall] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted()
        var calls: [RecordedCall] = []
        for file in files {
            let bytes = Array(try Data(contentsOf: URL(filePath: folder).appending(path: file)))
            let cassette: Cassette
            do throws(CassetteError) {
                cassette = try Cassette(fileText: bytes.span)
            } catch {
                throw CassetteError(description: "\(file): \(error)")
            }
            for (index, call) in cassette.calls.enumerated() where call.response != nil {
                calls.append(RecordedCall(name: "\(file), call \(index)", contents: cassette.contents, call: call))
            }
        }
        return calls
    }
}
