namespace GptGen;

/// <summary>
/// A mistake in what the user gave: a missing or damaged file, an option out of range, a text that is too short.
/// The message is one line that names the cause and the remedy, fit to be printed as it is: line ends and control characters in names and file
/// contents are made visible. It names a property with its type, such as <c>TrainingOptions.Batch</c>.
/// </summary>
public class GptGenException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">One line: what is wrong, where, and what to do about it.</param>
    public GptGenException(string message) : base(MessageText.OneLine(message))
    {
    }

    /// <summary>Creates the exception for an error that a lower layer reported.</summary>
    /// <param name="message">One line: what is wrong, where, and what to do about it.</param>
    /// <param name="innerException">What the lower layer threw.</param>
    public GptGenException(string message, Exception innerException) : base(MessageText.OneLine(message), innerException)
    {
    }
}
