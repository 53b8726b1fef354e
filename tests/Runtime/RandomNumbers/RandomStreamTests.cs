using GptGen.RandomNumbers;
using Xunit;

namespace GptGen.Runtime.Tests.RandomNumbers;

public class RandomStreamTests
{
    private static readonly RandomStream s_stream = RandomStream.InitialValues(1337, 5);

    [Fact]
    public void DropoutFollowsTheDocumentedLayout()
    {
        var stream = new Dropout(0.1f, Seed: 7, Step: 9, MicroBatch: 3).Site(layer: 11, site: 2).Words;
        var element = (5UL << 32 | 21) * 4 + 2;
        var block = Philox.Block(9UL << 32 | 7, new Words4(21, 5, 11 << 16 | 2, 3));
        Assert.Equal(block.Z, stream.Word(element));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    public void FillEqualsSingleWordsFromAnyElement(int first)
    {
        var words = new uint[77];
        s_stream.Fill((ulong)first, words);
        for (var i = 0; i < words.Length; i++)
            Assert.Equal(s_stream.Word((ulong)(first + i)), words[i]);
    }

    [Fact]
    public void StreamsOfDifferentPurposesOrPlacesDiffer()
    {
        RandomStream[] streams =
        [
            RandomStream.Dropout(1, 0, 0, 0, 0), RandomStream.Dropout(1, 0, 1, 0, 0), RandomStream.Dropout(1, 0, 0, 1, 0),
            RandomStream.Dropout(1, 0, 0, 0, 1),
            RandomStream.Dropout(1, 1, 0, 0, 0), RandomStream.InitialValues(1, 0), RandomStream.Batches(1, 0, 0), RandomStream.Sampling(1, 0),
            RandomStream.Sampling(1, 1),
        ];
        Assert.Equal(streams.Length, streams.Select(stream => stream.Block(0)).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => RandomStream.Batches(1, 0, RandomStream.MaximumMicroBatches));
    }

    [Fact]
    public void UniformValuesLieInTheUnitIntervalAndHaveItsMoments()
    {
        var values = new float[200_000];
        s_stream.FillUniform(0, values);
        Assert.All(values, value => Assert.InRange(value, 0, 0.99999995f));
        Assert.Equal(0.5, values.Average(value => (double)value), 0.003);
        Assert.Equal(1 / 12.0, values.Average(value => (value - 0.5) * (value - 0.5)), 0.001);
    }

    [Fact]
    public void NormalValuesHaveTheRightMomentsAndTails()
    {
        var values = new float[400_000];
        s_stream.FillNormal(0, values, mean: 3, deviation: 2);
        var standard = values.Select(value => (value - 3.0) / 2).ToArray();
        Assert.Equal(0, standard.Average(), 0.01);
        Assert.Equal(1, standard.Average(value => value * value), 0.01);
        Assert.Equal(0, standard.Average(value => value * value * value), 0.03);
        Assert.Equal(3, standard.Average(value => Math.Pow(value, 4)), 0.08);
        Assert.Equal(0.0455, standard.Count(value => Math.Abs(value) > 2) / 400_000.0, 0.002);
        Assert.Equal(0, standard.Zip(standard.Skip(1), (a, b) => a * b).Average(), 0.01);
    }

    [Fact]
    public void NormalValuesDependOnTheirIndexOnly()
    {
        var whole = new float[64];
        s_stream.FillNormal(0, whole, 0, 1);
        for (var first = 0; first < 9; first++)
        {
            for (var length = 0; length < 9; length++)
            {
                var part = new float[length];
                s_stream.FillNormal((ulong)first, part, 0, 1);
                Assert.Equal(whole[first..(first + length)], part);
            }
        }
    }

    [Fact]
    public void DropoutThresholdKeepsTheRightPart()
    {
        Assert.False(default(DropoutSite).IsActive);
        Assert.Equal(1u << 31, new Dropout(0.5f, 1, 2, 0).Site(3, 1).Threshold);
        Assert.Equal(2f, new Dropout(0.5f, 1, 2, 0).Site(3, 1).Scale);

        var words = new uint[100_000];
        var site = new Dropout(0.2f, 1, 2, 0).Site(3, 1);
        site.Words.Fill(0, words);
        Assert.Equal(0.8, words.Count(word => word >= site.Threshold) / 100_000.0, 0.005);
    }
}
