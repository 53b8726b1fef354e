using GptGen.Cpu;
using Xunit;

namespace GptGen.Runtime.Tests.Cpu;

public sealed class PanelGroupsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void GroupsFollowOneAnotherToTheLastPanelAndNoneIsLargerThanAllowed(int workers)
    {
        foreach (int panels in (int[])[1, 2, 3, 7, 8, 47, 48, 144, 3144])
        {
            foreach (int large in (int[])[1, 2, 3, 6, 8, 32])
            {
                var groups = new PanelGroups(panels, large, workers);
                Assert.Equal(0, groups.First(0));
                Assert.Equal(panels, groups.First(groups.Count));
                for (nint group = 0; group < groups.Count; group++)
                {
                    Assert.InRange(groups.First(group + 1) - groups.First(group), 1, large);
                }
            }
        }
    }

    [Fact]
    public void TheLastGroupsOfSeveralWorkersAreSmall()
    {
        var groups = new PanelGroups(144, 8, 2);
        Assert.Equal(2, groups.First(groups.Count) - groups.First(groups.Count - 1));
        Assert.Equal(8, groups.First(1) - groups.First(0));
    }
}
