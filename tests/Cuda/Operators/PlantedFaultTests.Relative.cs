using GptGen.Cuda.Tests.Device;
using GptGen.Emulator;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <content>Faults of relative attention and of memory.</content>
public partial class PlantedFaultTests
{
    private const string Relative = "relative_attention.cu";
    private const string RelativeBackward = "relative_backward.cu";
    private const string Clusters = "clusterlogits.cu";
    private const string RelativeTiles = "relative_tiles.cuh";

    [Theory]
    [InlineData("window", Relative, "largest[i] = most;", "")]
    [InlineData("window", Relative, "most == -infinity() ? 0.0f : most", "most")]                        // a tile of which a query sees nothing
    [InlineData("window", RelativeTiles, "key > last - window", "key >= last - window")]
    [InlineData("window", Relative, "view.firstKey(firstQuery) / Tile * Tile", "(view.firstKey(firstQuery) / Tile + 1) * Tile")]
    [InlineData("memory", RelativeTiles, "b[i - j + Run - 1]", "b[i - j + Run - 1 > 0 ? i - j + Run - 2 : 0]")] // the neighbour's distance
    [InlineData("memory", RelativeTiles, "i + Tile - 1 - k;", "i + Tile - 2 - k;")]
    [InlineData("memory", RelativeTiles, "column, Size, vectorPosition)", "column, Size, vectorPosition) * 0.0f")] // without the second bias
    [InlineData("memory", Relative, "view.memory() + firstQuery - firstKey", "firstQuery - firstKey")]   // distances without the memory
    [InlineData("memory", Relative, "query, key, queryLength, keyLength", "query, key, queryLength, queryLength")] // another dropout word
    [InlineData("memory", RelativeBackward, "if (key < view.memory())", "if (false)")]                   // the memory's queries
    [InlineData("memory", RelativeBackward, "(dQkv + (keyStart + view.memory() + query)", "(dQkv + (keyStart + query)")]
    [InlineData("memory", RelativeBackward, "max(firstKey - view.memory(), 0)", "firstKey")]
    [InlineData("window", RelativeBackward, "firstKey + Tile - 1 + window - view.memory()", "firstKey + window - view.memory()")]
    [InlineData("memory", RelativeBackward, "max(firstDistance - view.memory(), 0)", "firstDistance")]
    [InlineData("window", RelativeBackward, "firstDistance < window ? queryLength : 0", "firstDistance + Tile < window ? queryLength : 0")]
    [InlineData("memory", RelativeBackward, "min(sequences, (part + 1) * sequencesOfPart)", "min(sequences, part * sequencesOfPart + 1)")]
    [InlineData("memory", RelativeBackward, "row < ThreadRows; row++", "row < ThreadRows - 1; row++")]    // queries that a bias misses
    [InlineData("memory", RelativeBackward, "part < count && i < elements", "part < 1 && i < elements")]
    public void Relative_attention_with_a_fault_differs_from_the_reference(string name, string file, string right, string wrong)
    {
        TestTarget.RequireEmulator();
        var attention = RelativeCase.Long[name];
        var inputs = attention.PoisonedInputs(10);
        using var machine = new TestMachine();
        using var reference = new ReferenceDevice();
        using var device = machine.Open(loadSource: Changed(file, right, wrong));
        Assert.True(Distance(attention.Run<Size10>(reference, inputs), attention.Run<Size10>(device, inputs)) > 1e-4);
    }

    [Theory]
    [InlineData("positions[sequence] % capacity", "min(positions[sequence], capacity - 1)")]             // a cache that ends
    [InlineData("newest - place + capacity", "newest - place + capacity - 1")]
    [InlineData("score += dot(byDistance[i],", "score += dot(own[i],")]
    [InlineData("min(position, capacity - 1)", "position % capacity")]
    public void Decoding_against_a_ring_with_a_fault_differs_from_the_reference(string right, string wrong)
    {
        TestTarget.RequireEmulator();
        var inputs = new RelativeCase(2, 12, 0).Inputs(10);
        using var machine = new TestMachine();
        using var reference = new ReferenceDevice();
        using var device = machine.Open(loadSource: Changed(Cache, right, wrong));
        Assert.True(Distance(Run(reference), Run(device)) > 1e-4);

        // Twelve tokens of one sequence, eleven of the other, so that every place of both rings is in use.
        double[][] Run(GptGen.Device either) =>
            RelativeDecodeCase.Run<Size10>(either, 7, 12, 1, inputs[0], [inputs[1][..(7 * 20)], inputs[2], inputs[3]])[..^1];
    }

    [Theory]
    [InlineData("__syncthreads();\n        float scores", "float scores", Unwritten)]
    [InlineData("__syncwarp();", "", Unwritten)]
    [InlineData("columns);\n        __syncthreads();", "columns);", "race: write after a read")]
    [InlineData("if (query >= queryLength) continue;", "", "invalid global write")]
    public void The_checker_finds_a_fault_of_relative_attention(string right, string wrong, string finding)
    {
        TestTarget.RequireEmulator();
        var attention = new RelativeCase(1, 40, 30);
        using var machine = new TestMachine(("CHECK", "1"));
        using var device = machine.Open(loadSource: Changed(Relative, right, wrong));
        Assert.Throws<GptGenException>(() => attention.Run<Size64>(device, attention.Inputs(64)));
        Assert.Contains(finding, CudaEmulator.Reports);
    }

    [Theory]
    [InlineData("i < size; i += Threads) {", "i < min(size, Threads); i += Threads) {")]                 // columns that no thread sums
    [InlineData("exponential(most - larger)", "1.0f")]                                                   // a sum that keeps an old maximum
    [InlineData("total * exponential(most - largest)", "total")]
    [InlineData("column < 0 ? 0.0f :", "true ? 0.0f :")]                                                 // without the cluster's own probability
    [InlineData("first - columns", "first")]
    [InlineData("(i < columns ? values : to)", "values")]
    [InlineData("blockIdx.x * yStride", "blockIdx.x * stride")]
    public void Log_probabilities_of_clusters_with_a_fault_differ_from_the_reference(string right, string wrong) =>
        Assert.True(Distance(Clusters, right, wrong, static (device, memory) =>
            ClusterLogitsCase.Run<Columns700, Tokens710>(device, memory, 3)) > 1e-4);

    [Fact]
    public void The_checker_finds_a_fault_of_log_probabilities_of_clusters() => Assert.Contains("race: ", Reports(
        Clusters, "exponential(most - largest), sums)", "exponential(most - largest), maxima)",
        static (device, memory) => ClusterLogitsCase.Run<Columns700, Tokens710>(device, memory, 3)));

    [Theory]
    [InlineData("blockIdx.y * sourceLength + sourceFirst", "blockIdx.y * sourceLength")]
    [InlineData("blockIdx.y * targetLength", "blockIdx.y * (targetLength - 4)")]
    [InlineData("first + Wide, count)", "first + Wide, count - 4)")]
    [InlineData("if constexpr (Add)", "if constexpr (false)")]
    public void A_memory_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(Distance("copyslices.cu", right, wrong, KernelTests.Memories) > 1e-2);
}
