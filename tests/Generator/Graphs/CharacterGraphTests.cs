using GptGen.Generator.Graph;
using GptGen.Generator.Memory;
using GptGen.Generator.Operators;
using GptGen.Generator.Spec;
using Xunit;

namespace GptGen.Generator.Tests.Graphs;

using GraphInput = GptGen.Generator.Graph.GraphInput;

/// <summary>What filters over characters become: a call each width, which write columns of the same rows and add to the same table.</summary>
public class CharacterGraphTests
{
    private static readonly Dimension Features = Dimension.Of("Features", 7, "");

    [Fact]
    public void Each_width_has_its_columns_and_adds_to_the_table()
    {
        var graph = Build(isDifferentiated: true);
        var forward = graph.Calls.Where(call => call.Method == "CharacterConvolution").ToArray();
        Assert.Equal(["Columns<Filters1>(0)", "Columns<Filters2>(3)"], forward.Select(call => Columns(call.Operands[5])));
        Assert.All(forward, call => Assert.Equal(GraphInput.Characters, Assert.IsType<InputOperand>(call.Operands[0]).Input));
        var backward = graph.Calls.Where(call => call.Method == "CharacterConvolutionBackward").ToArray();
        Assert.Equal(["Columns<Filters1>(0)", "Columns<Filters2>(3)"], backward.Select(call => Columns(call.Operands[0])));
        Assert.Equal(forward.Select(call => call.Operands[6]), backward.Select(call => call.Operands[6]));
        Assert.Equal(
            [GradientWriting.Accumulate, GradientWriting.Add], backward.Select(call => Assert.IsType<WriteOperand>(call.Operands[8]).Writing));
        Assert.All(backward, call => Assert.Equal(GradientWriting.Accumulate, Assert.IsType<WriteOperand>(call.Operands[11]).Writing));
    }

    [Fact]
    public void Inference_keeps_no_places() =>
        Assert.All(
            Build(isDifferentiated: false).Calls.Where(call => call.Method == "CharacterConvolution"),
            call => Assert.IsType<AbsentOperand>(call.Operands[6]));

    private static LoweredGraph Build(bool isDifferentiated)
    {
        var graph = new GraphBuilder(new GraphKind("Train", "Compute", "", isDifferentiated));
        var (width, once, twice) = (Dimension.Of("Width", 4, ""), Dimension.Of("Window1", 4, ""), Dimension.Of("Window2", 8, ""));
        var (three, four) = (Dimension.Of("Filters1", 3, ""), Dimension.Of("Filters2", 4, ""));
        var y = graph.CharacterConvolution(
            "Features", GraphInput.Characters, Parameter("Table", Dimension.Of("Characters", 9, ""), width), Features, ActivationKind.Relu,
            new CharacterFilters(Parameter("Weight1", three, once), Parameter("Bias1", three, null)),
            new CharacterFilters(Parameter("Weight2", four, twice), Parameter("Bias2", four, null)));
        graph.End(new TestLossOperator(), [y], []);
        return new(graph.Build());

        Parameter Parameter(string name, Dimension rows, Dimension? columns) =>
            graph.AddParameter(name, "", rows, columns, GptGen.Generator.Graph.Initialization.Normal);
    }

    private static string Columns(Operand operand) => operand is SliceOperand slice ? $"{slice.Part}({slice.First})" : "";
}
