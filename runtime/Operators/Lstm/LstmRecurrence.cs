namespace GptGen;

/// <summary>Which way a recurrence goes through a sequence.</summary>
public enum TimeDirection
{
    /// <summary>From the first row to the last.</summary>
    Forward,

    /// <summary>From each sequence's own last row to its first.</summary>
    Backward,
}

/// <summary>How an LSTM goes through its rows.</summary>
/// <param name="Direction">From which end.</param>
/// <param name="CellClip">Cells are kept between minus this and this; 0 leaves them as they are.</param>
/// <param name="ProjectionClip">The same for the projected outputs.</param>
public readonly record struct LstmRecurrence(TimeDirection Direction, float CellClip, float ProjectionClip)
{
    /// <summary>The largest size of a cell.</summary>
    internal float CellLimit => CellClip > 0 ? CellClip : float.PositiveInfinity;

    /// <summary>The largest size of a projected output.</summary>
    internal float ProjectionLimit => ProjectionClip > 0 ? ProjectionClip : float.PositiveInfinity;

    /// <summary>Refuses a bound that is none.</summary>
    /// <exception cref="ArgumentException">A clip is negative or no number, or there is no such direction.</exception>
    internal void Check(string name)
    {
        if (!(CellClip >= 0 && ProjectionClip >= 0))
            throw new ArgumentException($"Cells cannot be clipped at {CellClip} and outputs at {ProjectionClip}.", name);
        if (!Enum.IsDefined(Direction))
            throw new ArgumentException($"There is no direction {Direction}.", name);
    }
}

/// <summary>The sizes of one scan.</summary>
/// <param name="Sequences">Number of sequences.</param>
/// <param name="Length">Rows of each, those behind its end included.</param>
/// <param name="Cells">Cells of the LSTM.</param>
/// <param name="Projection">Width of its outputs.</param>
/// <param name="Recurrence">How it goes through the rows.</param>
public readonly record struct LstmShape(int Sequences, int Length, int Cells, int Projection, LstmRecurrence Recurrence)
{
    /// <summary>Rows of all sequences.</summary>
    public int Rows => Sequences * Length;

    internal bool IsBackward => Recurrence.Direction == TimeDirection.Backward;

    /// <summary>Rows from one step's to that of the step before.</summary>
    internal int ToPrevious => IsBackward ? 1 : -1;
}

/// <summary>What an LSTM carries from row to row, or the places for it; either may be absent.</summary>
/// <param name="Cells">[sequences, cells].</param>
/// <param name="Projected">The outputs that the recurrence reads, [sequences, projection].</param>
public readonly record struct LstmState(Location Cells, Location Projected);
