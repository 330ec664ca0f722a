namespace Actors.Ledger;

/// <summary>How the users are split, where they are.</summary>
public partial interface ILedgerStore
{
    /// <summary>How many servers the users are split over: what one does, or fails to do, keeps only its own users waiting.</summary>
    int Parts => 1;

    /// <summary>Which of them a user is on: 0 to <see cref="Parts"/> less 1. Known once the store is started.</summary>
    int PartOf(long user) => 0;
}
