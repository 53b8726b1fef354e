namespace GptGen.Training;

/// <summary>What the gradients of a step are computed on.</summary>
internal interface IMicroBatches
{
    /// <summary>The graph that is trained.</summary>
    TrainingGraph Graph { get; }

    /// <summary>Sets the graph's batch. Allocates nothing on the managed heap.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="micro">The micro-batch within the step, from 0.</param>
    /// <returns>Whether the micro-batch holds anything.</returns>
    /// <exception cref="GptGenException">The data cannot be read.</exception>
    bool TryFill(int step, int micro);

    /// <summary>The part of the last micro-batch's loss that is told apart; 0 where none is.</summary>
    double ReadPart() => 0;
}
