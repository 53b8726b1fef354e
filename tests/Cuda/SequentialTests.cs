using Xunit;

// The emulator is one pretended machine for the whole process: its settings, its reports and its error belong to the test that runs. So all classes
// are one collection, whose tests run one after the other, but for those that touch no emulator of this process.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]

namespace GptGen.Cuda.Tests;

/// <summary>
/// The tests that only start other processes, gptgen's or compilers, and read what these say. They run beside the others, but not beside each other,
/// as several ranks and their GPUs take a machine's processors by themselves.
/// </summary>
[CollectionDefinition(Name)]
public sealed class OtherProcesses
{
    /// <summary>What such a class names in its <c>Collection</c>.</summary>
    public const string Name = "other processes";
}
