using GptGen.Runtime.Tests.Operators;
using Xunit;

namespace GptGen.Cuda.Tests.Operators;

// Faults of the head's loss.
public partial class PlantedFaultTests
{
    private const string Head = "head.cu";

    [Theory]
    [InlineData("values = logits + (long long)row * stride", "values = logits + (long long)row * (stride - 4)")]  // a wrong leading dimension
    [InlineData("factor = weight / total", "factor = 1.0f / total")]
    [InlineData("gradient.y -= onTarget", "gradient.x -= onTarget")]
    [InlineData("if (target < 0) {", "if (target < -1) {")]
    [InlineData("cut();\n        Part", "Part")]                                                      // padding that counts
    [InlineData("sumOfExponentials(numbers(pack), part.most)", "sumOfExponentials(numbers(pack), 0.0f)")]
    public void A_head_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(!(Distance(Head, right, wrong, (device, memory) => HeadCase.Run<Several>(device, memory, GradientWrite.Write)) <= 1e-4));

    /// <summary>Of rows that begin at odd places, which are read in two passes.</summary>
    [Theory]
    [InlineData("fmaf(part.total, quickExponential(part.most - larger),", "fmaf(part.total, 1.0f,")]
    [InlineData("part.most = larger;", "")]
    public void A_head_of_two_passes_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(!(Distance(Head, right, wrong, (device, memory) => HeadCase.Run<SeveralUnpadded>(device, memory, GradientWrite.Write)) <= 1e-4));

    /// <summary>Of blocks that go on to another row.</summary>
    [Theory]
    [InlineData("target = nextTarget;", "")]
    [InlineData("if constexpr (!Gradients) load(pack, next);", "")]
    [InlineData("            load(pack, next);\n        }\n        for (int padding", "        }\n        for (int padding")]
    [InlineData("            part.load(next);\n        } else", "        } else")]
    [InlineData("(long long)following * stride", "(long long)row * stride")]
    public void A_head_of_many_rows_with_a_fault_differs_from_the_reference(string right, string wrong) =>
        Assert.True(!(
            Distance(
                Head, right, wrong,
                (device, memory) => HeadCase.Run<PaddedVocabulary>(device, memory, GradientWrite.Write, rows: 259, chunk: 257)) <= 1e-4));

    [Theory]
    [InlineData(Head, "weight * (1.0f - smoothing)", "weight")]
    [InlineData(Head, "onAll = weight * smoothing / Vocabulary", "onAll = weight * smoothing")]
    [InlineData(Head, "column + 3 < Vocabulary ? onAll : 0.0f", "onAll")]                          // padding gets a gradient
    [InlineData(Head, "(column + 3 < end ? v.w : 0.0f)", "v.w")]
    [InlineData(Head, "Smoothed ? loss + excess : loss", "loss")]
    [InlineData(Linear, "store(at, load<Wide>(at) + added);", "")]
    public void A_smoothed_head_with_a_fault_differs_from_the_reference(string file, string right, string wrong) =>
        Assert.True(
            Distance(
                file, right, wrong,
                static (device, memory) => HeadCase.Run<Several>(device, memory, GradientWrite.Write, withBias: true, smoothing: 0.3f)) > 1e-4);

    [Fact]
    public void The_checker_finds_a_fault_of_the_head() =>
        Assert.Contains(
            "race: write after a read",
            Reports(Head, "largest), sums)", "largest), maxima)", (device, memory) => HeadCase.Run<Several>(device, memory, GradientWrite.Write)));

    /// <summary>More tokens than a block has threads times four, and padded.</summary>
    private readonly struct Several : IDimension
    {
        public static int Size => 1030;

        public static int Stored => 1088;
    }

    /// <summary>The same, each row at an odd place.</summary>
    private readonly struct SeveralUnpadded : IDimension
    {
        public static int Size => 1031;

        public static int Stored => 1031;
    }
}
