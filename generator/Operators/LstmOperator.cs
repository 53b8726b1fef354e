using GptGen.Generator.Autodiff;
using GptGen.Generator.Graph;

namespace GptGen.Generator.Operators;

/// <summary>The weights of an LSTM with projection that goes one way.</summary>
/// <param name="Input">What makes the gates i, j, f, o of the layer's input, [4 cells, width].</param>
/// <param name="Recurrent">What makes them of the outputs of the step before, [4 cells, width].</param>
/// <param name="Bias">The gates' bias.</param>
/// <param name="Projection">What makes the outputs of the cells, [width, cells].</param>
/// <param name="Recurrence">How it goes through its rows.</param>
internal sealed record LstmWeights(
    Parameter Input, Parameter Recurrent, Parameter Bias, Parameter Projection, RecurrenceOperand Recurrence);

/// <summary>
/// A layer of LSTMs with projection, one that reads forward and one that reads backward: each row's gates but for what the step before gives are one
/// product, and time stays within the scan. Where there is a state, it
/// begins with what the rows before left, whose gradient is none, and keeps its last ones.
/// </summary>
internal sealed class LstmOperator(IReadOnlyList<LstmWeights> directions, Dimension cells, bool hasState) : Operator
{
    public override IReadOnlyList<Call> Calls(Node node) => [.. directions.SelectMany((_, direction) => Calls(node, direction))];

    public override void Differentiate(Node node, GradientTape tape)
    {
        var (x, activated) = (node.Inputs[0], node.Outputs[0]);
        var dy = tape.Upstream(node.Outputs[2]);
        (ValueOperand Gradient, WriteOperand Write)? inward = x.IsConstant ? null : tape.Target(x);
        for (var direction = 0; direction < directions.Count; direction++)
        {
            PartOperand Part(Value value) => PartOf(new(value), direction);
            var weights = directions[direction];
            var (dInput, inputWeightWrite) = tape.Target(weights.Input);
            var (dRecurrent, write) = tape.Target(weights.Recurrent);

            // What the rows activated is read for the last time where their gradient takes its place.
            tape.Call(
                "LstmScanBackward", Part(dy), Part(activated), Part(node.Outputs[1]), Part(node.Outputs[2]), Of(weights.Recurrent),
                Of(weights.Projection), Of(GraphInput.Lengths), weights.Recurrence, State("Cells", cells, direction),
                State("Outputs", x.Width!, direction), Part(activated), dRecurrent,
                tape.TargetOf(weights.Projection, write), write);
            tape.Call(
                "LinearBackwardWeight", Part(x), Part(activated), dInput, tape.TargetOf(weights.Bias, inputWeightWrite), inputWeightWrite);
            if (inward is var (dx, inputWrite))
                tape.Call("LinearBackwardInput", Part(activated), Of(weights.Input), PartOf(dx, direction), inputWrite);
        }
    }

    private IEnumerable<Call> Calls(Node node, int direction)
    {
        PartOperand Part(Value value) => PartOf(new(value), direction);
        var (x, activated, weights) = (node.Inputs[0], node.Outputs[0], directions[direction]);
        yield return new("Linear", [Part(x), Of(weights.Input), Of(weights.Bias), Part(activated)]);
        yield return new(
            "LstmScan",
            [
                Part(activated), Of(weights.Recurrent), Of(weights.Projection), Of(GraphInput.Lengths), weights.Recurrence,
                State("Cells", cells, direction), State("Outputs", x.Width!, direction), Part(activated), Part(node.Outputs[1]),
                Part(node.Outputs[2]), State("NextCells", cells, direction), State("NextOutputs", x.Width!, direction),
            ]);
    }

    private PartOperand PartOf(ValueOperand value, int direction) => new(value, direction, directions.Count);

    private Operand State(string name, Dimension width, int direction) =>
        hasState ? new StateOperand(name, width, direction, directions.Count) : new AbsentOperand();
}

internal static class LstmBuilder
{
    /// <summary>The outputs of a layer of LSTMs, one for each of x's rows: of those that are read forward, then of those read backward.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The outputs' name.</param>
    /// <param name="x">What they read.</param>
    /// <param name="cells">Cells of each LSTM.</param>
    /// <param name="forward">The weights of the one that reads forward.</param>
    /// <param name="backward">The weights of the other.</param>
    /// <param name="hasState">Whether they go on from a state and leave one, or begin with zeros.</param>
    public static Value Lstm(
        this GraphBuilder graph, string name, Value x, Dimension cells, LstmWeights forward, LstmWeights backward, bool hasState)
    {
        var activated = graph.NewRows(name + "Gates", Dimension.Quadruple(cells));
        var cellRows = graph.NewRows(name + "Cells", cells);
        var y = graph.NewRows(name, x.Width!, isConstant: x.IsConstant && forward.Recurrent.IsFrozen);
        graph.Add(new LstmOperator([forward, backward], cells, hasState), [x], [activated, cellRows, y]);
        return y;
    }
}
