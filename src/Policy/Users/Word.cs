namespace Actors.Policy.Users;

/// <summary>What a whole message of the user can say about consent.</summary>
internal enum Word
{
    /// <summary>Nothing: an ordinary message.</summary>
    None,

    /// <summary>No more marketing from this business.</summary>
    Stop,

    /// <summary>Nothing any more from this business that needs an opt-in.</summary>
    StopAll,

    /// <summary>Takes back what such a word stopped.</summary>
    Start,
}
