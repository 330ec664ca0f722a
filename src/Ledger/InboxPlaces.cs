using Actors.Policy;
using Actors.Policy.Users;

namespace Actors.Ledger;

/// <summary>Where somebody who reads a user's messages stands.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="After">The number of the last message read.</param>
public readonly record struct MessagesPlace(long User, long After);

/// <summary>Whose messages changed since when.</summary>
/// <param name="User">The wa_id.</param>
/// <param name="After">Only messages with numbers above this.</param>
/// <param name="UpTo">Only messages with numbers up to this.</param>
/// <param name="Since">Delivered, read, failed or expired at this instant or later.</param>
public readonly record struct StatusesPlace(long User, long After, long UpTo, Instant Since);

/// <summary>How far a message to a user has come.</summary>
/// <param name="Number">Its number within the user.</param>
/// <param name="Status">Its status.</param>
/// <param name="At">When it came to it.</param>
public readonly record struct StatusLine(long Number, MessageStatus Status, Instant At);
