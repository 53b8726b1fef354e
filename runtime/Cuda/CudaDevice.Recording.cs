using GptGen.Cuda;
using GptGen.Cuda.Driver;

namespace GptGen;

// Work that is repeated is recorded into a graph: one call of the driver in place of one for each kernel, which take longer than short kernels do.
public sealed partial class CudaDevice
{
    /// <summary>Counts the changes of what decides which kernels run.</summary>
    private int choices;

    /// <summary>Whether repeated work is recorded; tests and benchmarks turn it off.</summary>
    internal bool Records { get; set; } = true;

    /// <summary>How often a recording has run.</summary>
    internal long Replays { get; private set; }

    /// <inheritdoc/>
    /// <remarks>
    /// The first time it runs as it is, so that kernels are compiled, products have their plans and scratch memory is large enough; the second time
    /// it is recorded. It is not where each call is to be seen.
    /// </remarks>
    internal override void Repeat(RepeatedWork work, int variant)
    {
        if (!Records || Observer is not null || Status.Synchronous)
        {
            work.Calls();
            return;
        }

        using var call = Begin();
        work.CheckMemory();
        lock (gate)
        {
            var recordings = (WorkRecordings)(work.Recordings ??= new WorkRecordings());
            if (!recordings.HasRun(variant, choices))
            {
                work.Calls();
                recordings.SetRun(variant, choices);
                return;
            }

            const string Operation = "recorded work";
            var graph = recordings.Find(variant, scratch.Moves);
            if (graph is null)
            {
                graph = stream.Capture(recordings.Stale(variant), work.Calls, Operation);
                recordings.Keep(variant, graph, scratch.Moves);
            }

            stream.Launch(graph, Operation);
            Replays++;
        }
    }
}
