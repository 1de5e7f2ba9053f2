// The shapes of rows and views. They come from the Rust side; the page writes none of its own.

export type * from "../generated";
