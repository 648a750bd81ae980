import PolluxJSON
import PolluxSSE

/// A thousand multiplications, each of which waits for the one before: how fast the processor is just now.
func measureProcessor(_ meter: Meter) {
    var state: UInt64 = 1
    meter.measure("processor", bytes: 0) {
        for step in 0..<1000 as Range<UInt64> { state = (state &* 6_364_136_223_846_793_005) ^ step }
    }
    if state == 0 { print("never") }  // So that the loop is not left out.
}

func measureJSON(_ meter: Meter) throws {
    for body in Bodies.all where meter.wants("tape.\(body.name)") || meter.wants("writer.\(body.name)") {
        let bytes = body.make()
        var tape = JSONTape()
        try meter.measure("tape.\(body.name)", bytes: bytes.count) { try tape.parse(bytes.span) }
        var writer = JSONWriter()
        try tape.parse(bytes.span)
        meter.measure("writer.\(body.name)", bytes: bytes.count) {
            writer.removeAll()
            writer.copy(.root, of: tape.document(of: bytes.span))
        }
    }
    guard meter.wants("writer.escape") || meter.wants("writer.unescape") else { return }
    let text = Array(String(repeating: "It is \"said\" to rain\nin Oslo, café or not. ", count: 100).utf8)
    var output = ByteOutput()
    meter.measure("writer.escape", bytes: text.count) {
        output.removeAll()
        output.append(escaping: text.span)
    }
    let escaped = output.array()
    meter.measure("writer.unescape", bytes: escaped.count) {
        output.removeAll()
        output.append(unescaping: escaped.span)
    }
}

/// A hundred events, whole and in pieces as a connection may bring them.
func measureEvents(_ meter: Meter) throws {
    guard meter.wants("events.whole") || meter.wants("events.split") else { return }
    let stream = Bodies.stream(events: 100)
    for (name, size) in [("events.whole", stream.count), ("events.split", 1000)] {
        var parser = EventParser(maximumEventBytes: 1 << 20)
        var found = 0
        try meter.measure(name, bytes: stream.count) {
            var start = 0
            while start < stream.count {
                let end = min(start + size, stream.count)
                let piece = stream.span.extracting(start..<end)
                var offset = 0
                while try parser.next(in: piece, at: &offset) != nil { found += 1 }
                start = end
            }
        }
        precondition(found % 100 == 0)
    }
}
