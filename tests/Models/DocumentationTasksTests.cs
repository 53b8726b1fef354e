using GptGen.Models.Comparison;
using Xunit;

namespace GptGen.Models.Tests;

/// <summary>The tasks made of the SDK's documentation: nothing of what they are measured on is trained on.</summary>
public class DocumentationTasksTests
{
    private static readonly DocumentationTasks s_tasks = new(MemberReader.Read());

    [Fact]
    public void NoTestSummaryIsTrainedOn()
    {
        var lines = s_tasks.PretrainingText.Split('\n');
        foreach (var set in s_tasks.All)
        {
            Assert.NotEmpty(set.Test);
            var known = set.Training.Select(static example => example.Texts[0]).ToHashSet();
            foreach (var example in set.Test)
            {
                Assert.DoesNotContain(example.Texts[0], known);
                Assert.DoesNotContain(lines, line => line.StartsWith(example.Texts[0] + " this is ", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void TheHeldOutTextSharesNoLineWithTheTextToTrainOn()
    {
        var known = s_tasks.PretrainingText.Split('\n').Where(static line => line.Length > 0).ToHashSet();
        var held = s_tasks.HeldOutText.Split('\n').Where(static line => line.Length > 0).ToList();
        Assert.InRange(held.Count, 1000, known.Count);
        Assert.DoesNotContain(held, known.Contains);
    }
}
