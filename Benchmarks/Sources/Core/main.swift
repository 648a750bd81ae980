// What the core costs.
//
//     core                   CPU time and calls of the allocator for each operation, the best of several rounds
//     core NAME TIMES        one operation, so often, for a profiler; scripts/instructions.sh counts this way
//
//     swift run -c release --package-path Benchmarks core

let arguments = CommandLine.arguments.dropFirst()
let task: Meter.Task
switch (arguments.first, arguments.dropFirst().first.flatMap { Int($0) }) {
case (nil, _): task = .table
case (let name?, let times?): task = .count(name: name, times: times)
default: fatalError("usage: core [NAME TIMES]")
}

let meter = Meter(task)
measureProcessor(meter)
try measureJSON(meter)
try measureEvents(meter)
try measureRequests(meter)
try measureSchemas(meter)
try measureAnswers(meter)
