using GptGen.Cuda.Kernels;
using GptGen.Cuda.Tests.Device;
using GptGen.Emulator;
using GptGen.Reference;
using GptGen.Runtime.Tests.Operators;
using GptGen.Runtime.Tests.Sampling;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

/// <summary>
/// The checks see what they are for: a kernel whose text is changed in one place fails the comparison with the reference or the checker. A fault's
/// text must stand once in the source, so a fault that no longer applies fails too.
/// </summary>
public partial class PlantedFaultTests
{
    private const string Forward = "attention.cu";
    private const string Backward = "attention_backward.cu";
    private const string Cache = "attention_cache.cu";
    private const string Sampling = "sampling.cu";
    private const string Linear = "linear.cu";
    private const string Embedding = "embedding.cu";
    private const string Lookup = "lookup.cu";
    private const string Positions = "positioncrossentropy.cu";
    private const string Unwritten = "read of shared memory that nobody has written, a missing write or barrier";

    [Theory]
    [InlineData(Forward, "scores[i][j] * scale", "scores[i][j]")]                                 // a wrong scale
    [InlineData(Forward, "queryStart * queryStride +", "queryStart * keyStride / 3 +")]            // a wrong leading dimension
    [InlineData(Forward, "column * Run + j < visible ?", "true ?")]                               // a missing mask
    [InlineData(Forward, "total[i] = fmaf(total[i], correction,", "total[i] = fmaf(total[i], 1.0f,")]
    [InlineData(Forward, "bool valid = query < count &&", "bool valid =")]                        // a missing row guard
    [InlineData(Forward, "firstKey + column * Run, queryLength", "firstKey + column, queryLength")] // another element's dropout word
    [InlineData(Backward, "(gradients[j] - delta) * scale", "(gradients[j] - delta)")]
    [InlineData(Backward, "gradients[j] - delta", "gradients[j]")]
    [InlineData(Backward, "if (Drop) dropRun(scores, mask, element);", "")]
    [InlineData(Backward, "valid ? logSumExp[place] : 0.0f", "0.0f")]
    [InlineData(Backward, "firstKey + keyAtPlace<Keys>(firstKeyRow + i)", "firstKey + firstKeyRow + i")]
    public void Training_with_a_fault_differs_from_the_reference(string file, string right, string wrong) =>
        Assert.True(
            Distance(
                file, right, wrong,
                (device, memory) => AttentionCase.Train(device, memory, 5, AttentionMask.Causal, drop: true, 70, [70, 40])) > 1e-4);

    [Theory]
    [InlineData("causal, more keys", Forward, "(query, keyCount, shift, firstKey)", "(query, keyCount, 0, firstKey)")]
    [InlineData("causal, more keys", Forward, "firstQuery + Queries, keyCount, shift)", "firstQuery + Queries, keyCount, 0)")]
    [InlineData("causal, more queries", Forward, " && visibleKeys<Causal>(query, keyCount, shift, 0) > 0", "")]
    [InlineData("cross", Forward, "valueRows = allValues + keyStart", "valueRows = allValues + queryStart")]
    [InlineData("cross", Forward, "queryLength, keyLength));", "queryLength, queryLength));")]       // another element's dropout word
    [InlineData("grouped by two", Forward, "keyStride + head / group", "keyStride + head % group")]  // another head's keys
    [InlineData("grouped by two", Backward, "member < group", "member < 1")]                         // a query head that adds nothing
    [InlineData("causal, more keys", Backward, "max(firstKey - shift, 0)", "firstKey")]
    [InlineData("causal, more queries", Backward, "max(firstKey - shift, 0)", "max(firstKey - shift, 32)")]
    [InlineData("cross", Backward, "dKey + (keyStart + key) * dKeyStride", "dKey + (start + key) * dKeyStride")]
    public void Slices_with_a_fault_differ_from_the_reference(string name, string file, string right, string wrong)
    {
        TestTarget.RequireEmulator();
        var slices = AttentionSlices.Long[name];
        using var machine = new TestMachine();
        using var reference = new ReferenceDevice();
        using var device = machine.Open(loadSource: Changed(file, right, wrong));
        Assert.True(Distance(slices.Run<Width36>(reference, slices.Inputs(36)), slices.Run<Width36>(device, slices.Inputs(36))) > 1e-4);
    }

    [Theory]
    [InlineData("score * scale", "score")]
    [InlineData("key < count ? score", "true ? score")]                                           // a missing guard
    [InlineData("if (position >= lengths[sequence]) return;", "")]
    [InlineData("quickExponential(partial[0] - largest)", "1.0f")]
    [InlineData("allKeys + (long long)sequence * keyStride", "allQueries + (long long)sequence * keyStride")] // queries for keys
    public void Decoding_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(Distance(Cache, right, wrong, (device, memory) => AttentionCase.Generate(device, memory, 5, 150, 1, [140, 3])) > 1e-4);

    [Theory]
    [InlineData("row < count; row += WarpSize) total", "row < length; row += WarpSize) total")]     // behind the sequence's end
    [InlineData("(row == target ? weight : 0.0f)", "0.0f")]
    [InlineData("losses[place] = count == 0 ? 0.0f :", "losses[place] =")]                         // a sequence without rows
    [InlineData("sequence * length * columns + place % columns", "sequence * length * columns")]    // another column
    [InlineData("row < count ? factor", "true ? factor")]
    public void Positions_with_a_fault_differ_from_the_reference(string right, string wrong) =>
        Assert.True(!(Distance(Positions, right, wrong, static (device, memory) => PositionLossCase.Run<Width3>(device, memory)) <= 1e-4));

    [Theory]
    [InlineData("store(y + i, sum * scale);\n        },\n        [&](long long i) {", "store(y + i, sum);\n        },\n        [&](long long i) {")]
    [InlineData("shares[layer] /= total;", "shares[layer] /= 2.0f;")]
    [InlineData("(sums[layer] - mean)", "sums[layer]")]
    [InlineData("part < partCount; part++", "part < partCount - 1; part++")]
    [InlineData("Add ? load<Wide>(to) + gradient", "false ? load<Wide>(to) + gradient")]
    [InlineData("(add ? toFloat(*dGamma) : 0.0f)", "0.0f")]
    [InlineData("block < partCount; block++", "block < partCount - 1; block++")]
    [InlineData("row / length % sequences", "row / length % sequences * 0")]
    [InlineData("difference * difference * count * share", "0.0f")]
    [InlineData("/ (count == 0.0f ? 1.0f : count)", "/ (2.0f * count)")]
    [InlineData("offset = fmaf(-shares[layer], moments[2 * layer], offset)", "")]
    [InlineData("if constexpr (Normalized) sum *= moments[2 * layer + 1]", "")]
    [InlineData("mean = Normalized ? moments[2 * layer] : 0.0f", "mean = 0.0f")]
    public void A_mix_of_layers_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(Distance("mixlayers.cu", right, wrong, static (device, memory) => MixLayersCase.Run<Width36>(device, memory, 1000)) > 1e-4);

    [Theory]
    [InlineData("min(length - window, start) + 1", "min(length - window, start)")]                   // the padding's window
    [InlineData("sum > largest", "sum >= largest")]                                                // the last of equal ones
    [InlineData("largest + toFloat(bias[filter])", "largest")]
    [InlineData("y + row * stride + filter", "y + row * filters + filter")]
    [InlineData("1.0f - value * value", "1.0f")]
    [InlineData("length + start + place]", "length + place]")]                                     // another window
    [InlineData("(add ? toFloat(dBias[filter]) : 0.0f)", "0.0f")]
    [InlineData("character * columns + column] = 0.0f;", "character * columns + column] += 0.0f;")]
    public void Filters_with_a_fault_differ_from_the_reference(string right, string wrong) =>
        Assert.True(
            !(Distance(
                "characters.cu", right, wrong,
                static (device, memory) => new CharacterCase(Activation.Tanh, 41).Run<Width5, Width22>(device, memory)) <= 1e-4));

    [Theory]
    [InlineData("token == target ? -infinity() :", "false ? -infinity() :")]                         // a sample that is the target
    [InlineData(" - targetLogs[row];", ";")]
    [InlineData(" - logs[i];", ";")]
    [InlineData("factor * (mine - sum)", "factor * mine")]
    [InlineData("products[place] + dTargets", "dTargets")]
    [InlineData("if (targets[row] == target) return;", "if (false) return;")]                     // several rows add the same
    [InlineData("if (targets[row] != target) continue;", "if (row != first) continue;")]
    [InlineData("add ? dBiases[i] : 0.0f", "0.0f")]
    public void A_sampled_head_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(
            !(Distance("sampledhead.cu", right, wrong, static (device, memory) => SampledHeadCase.Run<Width22>(device, memory, 300)) <= 1e-4));

    [Theory]
    [InlineData("fmaf(gate, fmaxf(transformed, 0.0f) - input, input)", "fmaf(gate, transformed - input, input)")]
    [InlineData("transformed > 0.0f ? through : 0.0f", "through")]
    [InlineData("- input) * rest", ") * rest")]
    [InlineData("(add ? toFloat(dx[own]) : 0.0f)", "0.0f")]
    [InlineData("if (i >= width) return;", "if (i >= width - 1) return;")]
    public void A_highway_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(Distance("highway.cu", right, wrong, static (device, memory) => HighwayCase.Run<Width22>(device, memory, 41)) > 1e-4);

    [Theory]
    [InlineData(Lookup, "load<Vector>(from + column) * scale", "load<Vector>(from + column)")]
    [InlineData(Lookup, "if constexpr (Add)", "if constexpr (false)")]
    [InlineData(Lookup, "if (row >= rows) return;", "if (row >= rows - 1) return;")]
    [InlineData(Embedding, "gradient[i] * dropoutScale", "gradient[i]")]
    [InlineData(Embedding, "if (firstRun && begunBefore)", "if (false)")]                           // two blocks add to one row
    [InlineData(Embedding, "else if (last && goesOn)", "else if (false)")]
    [InlineData(Embedding, "after += ChunkRows", "after += 2 * ChunkRows")]                         // a partial sum left out
    public void Picking_with_a_fault_differs_from_the_reference(string file, string right, string wrong) =>
        Assert.True(Distance(file, right, wrong, static (device, memory) => LookupCase.Run<Width30>(device, memory, 1000)) > 1e-4);

    [Theory]
    [InlineData(Forward, "__syncthreads();\n        float scores", "float scores", Unwritten)]           // missing barriers
    [InlineData(
        Forward, "__syncthreads();\n        if (firstKey + Keys < end) loadTile<Size, Keys, true>",
        "if (firstKey + Keys < end) loadTile<Size, Keys, true>", "race: write after a read")]
    [InlineData(
        Forward, "__syncthreads();\n        if (firstKey + Keys < end) loadTile<Size, Keys, false>",
        "if (firstKey + Keys < end) loadTile<Size, Keys, false>", "race: write after a read")]
    [InlineData(Forward, "if (query >= queryLength) continue;", "", "invalid global write")]                                  // a missing row guard
    [InlineData(Backward, "__syncwarp();", "", Unwritten)]
    [InlineData(
        Backward, "__syncthreads();\n            addWeightedRows<Size, KeyRows, Queries, false>(keySums",
        "addWeightedRows<Size, KeyRows, Queries, false>(keySums", Unwritten)]
    [InlineData(Backward, "if (key >= keyLength) continue;", "", "invalid global write")]
    public void The_checker_finds_a_fault_of_training(string file, string right, string wrong, string finding) =>
        Assert.Contains(
            finding,
            Reports(file, right, wrong, (device, memory) => AttentionCase.Train(device, memory, 64, AttentionMask.Full, drop: false, 70, [70])));

    [Theory]
    [InlineData("__syncthreads();\n\n    float mine", "float mine", Unwritten)]
    [InlineData("__syncthreads();\n\n    int quad", "int quad", Unwritten)]
    public void The_checker_finds_a_fault_of_generation(string right, string wrong, string finding) =>
        Assert.Contains(finding, Reports(Cache, right, wrong, (device, memory) => AttentionCase.Generate(device, memory, 64, 40, 1, [39, 3])));

    [Theory]
    [InlineData("rows + (long long)draw.row * stride", "rows + (long long)draw.row * (stride - 4)")]     // a wrong leading dimension
    [InlineData("column + i < logits.limit", "true")]                                                  // a missing guard
    [InlineData("logit == 0.0f ? 0u :", "false ? 0u :")]                                               // zeros of two signs
    [InlineData("<< 32 | (unsigned)token", "<< 32 | ~(unsigned)token")]                                // the last of equal ones
    [InlineData("* 1099511627776.0f", "* 4096.0f")]                                                    // coarse weights
    [InlineData("weight >= draw.leastWeight", "weight > draw.leastWeight")]
    [InlineData("__umul64hi(kept, draw.topShare - 1)", "__umul64hi(kept, draw.topShare / 2)")]
    [InlineData("draw.topK > 0 && draw.topK < logits.limit", "false")]
    [InlineData("kept = last.before.weight + ", "kept = ")]
    [InlineData("? logit / logits.penalty", "? logit * logits.penalty")]
    [InlineData("own[token >> 5] |=", "own[token >> 5] ^=")]                                            // a token seen twice
    [InlineData("return __umul64hi(draw.random, total);", "return total - 1;")]
    [InlineData("before += stepOf(logits, logit) < step ? weightOf(logits, logit) : 0;", "before += 0;")]           // too little weight
    [InlineData("if (draw.leastWeight > 0) least = blockTotal<Threads>(some, shared);", "")]
    [InlineData("logits.tokens[i] < token && ", "logits.tokens[i] > token && ")]                                // another of equal ones
    public void Sampling_with_a_fault_draws_other_tokens(string right, string wrong)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        using var cpu = new CpuDevice(1);
        using var device = machine.Open(loadSource: Changed(Sampling, right, wrong));
        Assert.NotEqual(SamplingCase.Run<OddVocabulary>(cpu, 298, most: 5), SamplingCase.Run<OddVocabulary>(device, 298, most: 5));
    }

    [Theory]
    [InlineData("__syncthreads();\n    unsigned long long total = 0;", "unsigned long long total = 0;", "race")]
    [InlineData("__syncthreads();\n    return shared.token;", "return shared.token;", Unwritten)]
    [InlineData("__syncthreads();\n        forEachToken", "forEachToken", "race")]
    [InlineData("__syncthreads();\n        Mass before", "Mass before", "race")]
    [InlineData("atomicAdd(&shared.counts[bin], 1)", "shared.counts[bin]++", "race")]
    [InlineData("int place = atomicAdd(&shared.keptCount, 1);", "int place = shared.keptCount++;", "race")]
    [InlineData("shared.keptCount = 0;\n    __syncthreads();", "shared.keptCount = 0;", "race")]
    public void The_checker_finds_a_fault_of_sampling(string right, string wrong, string finding)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine(("CHECK", "1"));
        using var device = machine.Open(loadSource: Changed(Sampling, right, wrong));
        Assert.Throws<GptGenException>(() => SamplingCase.Run<OddVocabulary>(device, 298, most: 1));
        Assert.Contains(finding, CudaEmulator.Reports);
    }

    [Theory]
    [InlineData("first = sequence * length", "first = sequence * (length - 1)")]
    [InlineData("count > 0 ? 1.0f / count : 0.0f", "1.0f / length")]
    public void A_mean_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(Distance("meanrows.cu", right, wrong, static (device, memory) =>
        {
            var y = memory.Rows<Width30>(new double[4 * 30]);
            device.MeanRows(memory.Rows<Width30>(TestMemory.Random(1, 4 * 9 * 30)), memory.Integers(9, 0, 4, 1), y);
            return [y.Start];
        }) > 1e-4);

    [Theory]
    [InlineData("i += blockDim.x", "i += gridDim.x * blockDim.x")]
    [InlineData("capacity * size, count", "(capacity - 1) * size, count")]
    [InlineData("slots + from[copy]", "slots + from[0]")]
    [InlineData("positions[copy] * size", "positions[copy] * (size - 1)")]
    public void A_copy_of_slots_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(Distance("copyslots.cu", right, wrong, KernelTests.SlotCopies) > 1e-2);

    private static double Distance(string file, string right, string wrong, Func<GptGen.Device, TestMemory, Location[]> run)
    {
        // A fault may ruin a real GPU's context for the tests after it.
        TestTarget.RequireEmulator();
        using var machine = new TestMachine();
        var expected = OperatorComparison.Run(new ReferenceDevice(), run);
        var actual = OperatorComparison.Run(machine.Open(loadSource: Changed(file, right, wrong), asked: ProductFusions.None), run);
        return Distance(expected, actual);
    }

    private static double Distance(double[][] expected, double[][] actual) =>
        expected.Zip(actual).Max(static pair => OperatorComparison.Distance(pair.First, pair.Second).Distance);

    private static string Reports(string file, string right, string wrong, Func<GptGen.Device, TestMemory, Location[]> run)
    {
        TestTarget.RequireEmulator();
        using var machine = new TestMachine(("CHECK", "1"));
        Assert.Throws<GptGenException>(() => OperatorComparison.Run(
            machine.Open(loadSource: Changed(file, right, wrong), asked: ProductFusions.None), run));
        return CudaEmulator.Reports;
    }

    private static Func<string, KernelSource> Changed(string file, string right, string wrong)
    {
        var source = KernelSource.Load(file);
        Assert.Equal(2, source.Text.Split(right).Length);
        var changed = source with { Text = source.Text.Replace(right, wrong, StringComparison.Ordinal) };
        return name => name == file ? changed : KernelSource.Load(name);
    }
}
