//! Things that are counted, of which the first are told.

/// Lines that a person is told, at most so many of them.
#[derive(Debug, Clone)]
pub struct Listed {
    most: usize,
    first: Vec<String>,
    count: usize,
}

impl Listed {
    /// None yet.
    pub fn of_at_most(most: usize) -> Self {
        Listed { most, first: Vec::new(), count: 0 }
    }

    /// Counts one more.
    pub fn add(&mut self, line: impl FnOnce() -> String) {
        self.count += 1;
        if self.first.len() < self.most {
            self.first.push(line());
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The first ones, and how many more there are.
    pub fn lines(self) -> Vec<String> {
        let more = self.count - self.first.len();
        let more = (more > 0).then(|| format!("and {more} more"));
        self.first.into_iter().chain(more).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_told_and_the_others_counted() {
        let told = |count: usize| {
            let mut listed = Listed::of_at_most(2);
            (0..count).for_each(|number| listed.add(|| number.to_string()));
            assert_eq!(listed.count(), count);
            listed.lines()
        };
        assert_eq!(told(0), [""; 0]);
        assert_eq!(told(2), ["0", "1"]);
        assert_eq!(told(5), ["0", "1", "and 3 more"]);
    }
}
