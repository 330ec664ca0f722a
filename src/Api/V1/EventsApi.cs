using Actors.Api.Auth;
using Actors.Contracts;

namespace Actors.Api.V1;

/// <summary>A business's events in ledger order.</summary>
internal static class EventsApi
{
    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/businesses/{business}/events", ListAsync).AllowBusiness(Scopes.Read).WithTags("Events").WithName("ListEvents")
            .WithSummary("What happened, in ledger order")
            .WithDescription(
                "Skips nothing and repeats nothing for a reader that keeps the cursor next and passes it as after. A page may be empty and still move the "
                + "cursor. Blocks, reports and feedback are not shown person by person.")
            .TakesPage().Produces<EventsResponse>().ProducesProblems(400, 410);

    private static async Task<IResult> ListAsync(HttpRequest request, long business, IGrainFactory grains, Wamids wamids)
    {
        var checks = new Checks();
        var page = Page.Read(request.Query, CursorKind.Events, checks);
        if (!checks.Hold)
        {
            return Refusals.Of(checks);
        }

        var ledger = grains.GetGrain<ILedgerGrain>(0);
        var events = await ledger.EventsAsync(business, page.After ?? 0, page.Limit);
        if (events.Earliest is { } earliest)
        {
            if (page.After is not null)
            {
                return Gone(Cursor.Encode(CursorKind.Events, earliest));
            }

            // Who names no place wants all there is.
            events = await ledger.EventsAsync(business, earliest, page.Limit);
        }

        var wamid = await wamids.GetAsync();
        return TypedResults.Ok(new EventsResponse(
            [.. events.Events.Select(e => EventRendering.Render(e, wamid)).OfType<EventShape>()], Cursor.Encode(CursorKind.Events, events.Next)));
    }

    private static Problem Gone(string earliest) =>
        new(410, "cursor_expired", "after: the events behind this cursor are no longer kept. Go on from earliest; what lies between is lost to you.")
        {
            More = writer => writer.WriteString("earliest", earliest),
        };
}
